import Model

/// Keeps whoever switches ufw on over SSH from locking the door behind himself.
enum SSHAdmission {
    /// Fails unless ufw's rules let SSH in: where it can be told, from the address that this very session comes from and
    /// at the port that it came to; otherwise from anywhere, at one of sshd's ports.
    static let guarding: Script = """
        \(functions)
        ports=$(sshd -T 2>/dev/null | sed -n 's/^port //p')
        ports=$(echo ${ports:-22})
        client=
        wanted=$ports
        for seen in $(connections); do
            port=$((0x${seen%,*}))
            case " $ports " in *" $port "*) client=${seen#*,} wanted=$port ;; esac
        done
        address=
        [ -z "$client" ] || address=$(dotted "$client") || client=
        if ! cat /etc/ufw/user.rules /etc/ufw/user6.rules 2>/dev/null | admitted; then
            echo "no rule lets SSH in${address:+ from $address} (port $wanted): switching ufw on would lock everybody out" >&2
            echo "hint: put a firewall_rule for SSH before this task" >&2
            exit 1
        fi
        """

    /// `connections`: the established TCP connections that this shell's ancestors hold, one of them the SSH server's, as
    /// PORT,CLIENT in the kernel's hexadecimals; the environment is no help, for sudo clears it.
    /// `dotted CLIENT`: the address of it; fails for a loopback one, that ufw lets through whatever its rules, and for
    /// IPv6, which shows as what it is.
    /// `admitted`: whether ufw's rules on the input let `client` (anybody, if empty) in at one of the `wanted` ports.
    static let functions: Script = #"""
        connections() {
            pid=$$
            while [ "${pid:-0}" -gt 1 ]; do
                ls -l "/proc/$pid/fd" 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\]$/\1/p'
                pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
            done | sort -u | while read -r inode; do
                sed -n "s/^ *[0-9]*: [0-9A-F]*:\([0-9A-F]*\) \([0-9A-F]*\):[0-9A-F]* 01 [0-9A-F:]* [0-9A-F:]* [0-9A-F]*  *[0-9]*  *[0-9]*  *$inode .*/\1,\2/p" \
                    /proc/net/tcp /proc/net/tcp6 2>/dev/null
            done
        }
        dotted() {
            case $1 in
            *7F | 00000000000000000000000001000000) return 1 ;;
            0000000000000000FFFF0000* | ????????) ;;
            *) echo IPv6; return ;;
            esac
            rest=${1#0000000000000000FFFF0000}
            d=${rest%??????} rest=${rest#??}
            c=${rest%????} rest=${rest#??}
            b=${rest%??} a=${rest#??}
            echo "$((0x$a)).$((0x$b)).$((0x$c)).$((0x$d))"
        }
        number() {
            a=${1%%.*} rest=${1#*.}
            b=${rest%%.*} rest=${rest#*.}
            echo "$(((a << 24) + (b << 16) + (${rest%%.*} << 8) + ${rest#*.}))"
        }
        covers() {
            case $1,$address in
            0.0.0.0/0,*.*) return 0 ;;
            *:*,IPv6) return 0 ;;
            *:*,* | *,IPv6) return 1 ;;
            esac
            width=32
            case $1 in */*) width=${1#*/} ;; esac
            case $width in *[!0-9]*) return 1 ;; esac
            [ $(($(number "${1%/*}") >> (32 - width))) -eq $(($(number "$address") >> (32 - width))) ]
        }
        admitted() {
            grep '^### tuple ### \(allow\|limit\|deny\|reject\)[_a-z]* \(tcp\|any\) .* in[^ ]*\( comment=.*\)*$' | {
                while read -r mark tuple mark action protocol list to any from rest; do
                    # The first rule that a packet meets decides.
                    case $action,$rest in
                    allow* | limit*) open=0 ;;
                    *in_*) continue ;;
                    *) open=1 ;;
                    esac
                    if [ -n "$client" ]; then
                        covers "$from" || continue
                        [ "$list" != any ] || exit $open
                    else
                        case $open,$from in 1,0.0.0.0/0 | 1,::/0 | 0,*) ;; *) continue ;; esac
                        if [ "$list" = any ]; then
                            [ $open = 0 ] || exit 1
                            continue
                        fi
                    fi
                    for range in $(echo "$list" | tr , ' '); do
                        for port in $wanted; do
                            [ "$port" -ge "${range%%:*}" ] && [ "$port" -le "${range##*:}" ] && exit $open
                        done
                    done
                done
                exit 1
            }
        }
        """#
}
