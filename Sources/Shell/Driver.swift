import Model

/// The node's half of the node shell: a POSIX program that a node's `sh` evaluates, sent on standard input.
///
/// It reads requests from standard input, each a line of words and then as many bytes as the line says:
///
///     run ID CHAIN SECONDS LENGTH                        then the script
///     write ID CHAIN LENGTH SHA256 MODE OWNER GROUP FOLDER REPLACED
///                                                        then a line with the path, then the content; `-` keeps, or
///                                                        asks for nothing
///     lock ID CHAIN SECONDS                              then a line with the folder, a line that tells who
///     break ID CHAIN                                     then the same two lines, of whom to take the lock away from
///     beat                                               somebody is there; not answered
///     quit
///
/// and answers on both streams, through two relays that go on reading when nobody listens any more, so that a command
/// that runs while the connection is lost comes to its end. `MARK` is random and comes first on standard input:
///
///     MARK r                      ready
///     MARK b ID   output   MARK e ID STATUS
///     MARK n TEXT                 (stderr) a process that an earlier command left behind still holds the output
///     MARK k WHO                  its lock is another's now: it ends
///
/// A laptop that vanishes closes nothing: who holds the lock and hears nothing for SECONDS, while it waits for a request,
/// is ended by a process of its own that watches it, and the lock is nobody's.
///
/// Before each request it writes `BEAT` straight to standard output, past the relays: where that fails nobody listens,
/// and nothing that was queued is run.
enum Driver {
    /// The first word of the line that tells the length of the driver's text; lines before it are not ours.
    static let magic = "kubani-driver"
    /// What is printed once `sh` runs, before anything is read.
    static let greeting = "kubani-shell"

    /// What the exec string carries: plain ASCII without quotes, backslashes, newlines and exclamation marks, so that
    /// any login shell hands it on unchanged. It reads the driver proper.
    static let bootstrap =
        "echo \(greeting); while read -r k n; do [ \"$k\" = \(magic) ] && break; done; "
        + "[ -n \"$n\" ] && eval \"$(dd bs=65536 iflag=fullblock,count_bytes count=$n 2>/dev/null)\""

    /// The driver's text as it is sent: without its comments and indentation.
    static let text: String = {
        var lines: [Substring] = []
        for line in source.split(separator: "\n") {
            let line = line.drop { $0 == " " }
            if line.first != "#" { lines.append(line) }
        }
        return lines.joined(separator: "\n") + "\n"
    }()

    private static let source = #"""
        \#(NodeWay.functions.text)
        umask 022
        cd /
        PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        LC_ALL=C
        export PATH LC_ALL
        read -r mark beat
        held= own= failed= stray= first= last= pulse= count=0

        say() { printf '%s %s\n' "$mark" "$*"; printf '%s %s\n' "$mark" "$*" >&2; }
        # In place of the subshell that calls it: on a node with little to do, processes are what a request costs.
        take() { exec dd bs=65536 iflag=fullblock,count_bytes count="$1" 2>/dev/null; }

        # A deadline ends a script's whole process group. busybox's timeout ends one process, so that one gets help.
        end='over() { for s in TERM 0 0 0 0 KILL; do kill -$s -$p 2>/dev/null || break; sleep 1; done; exit 124; }
            trap over TERM; setsid sh /dev/fd/3 & p=$!; wait $p'
        kind=$(timeout --version 2>/dev/null)
        if [ $? = 0 ]
        then limited() { exec timeout -k 5 "$1" sh /dev/fd/3; }
        else limited() { exec timeout "$1" sh -c "$end"; }
        fi
        # The script comes on descriptor 3, from a pipe that holds 64 KiB: what a longer one leaves unread is taken away,
        # so that the next request begins where it should.
        script() {
            [ "$2" -gt 65536 ] || limited "$1" 3<&0 </dev/null
            (limited "$1" 3<&0 </dev/null)
            status=$?
            cat >/dev/null
            return $status
        }

        # The start time of a process in $birth; fails for one that is gone.
        born() {
            birth= line=
            { IFS= read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
            set -- ${line##*) }
            [ "$1" != Z ] && birth=${20}
        }
        # What a command left behind was started since, and pids are given in order: where few were, only those are
        # looked at; a node may have thousands of processes. All, where they have begun anew.
        strays() {
            { read -r p p p p last </proc/loadavg; } 2>/dev/null
            if [ -n "$first" ] && [ "$last" -ge "$first" ] && [ $((last - first)) -lt 1000 ]; then
                n=$first
                while [ "$n" -lt "$last" ]; do
                    n=$((n + 1))
                    p=/proc/$n
                    [ ! -e "$p" ] || tell "$1"
                done
            else
                for p in /proc/[0-9]*; do tell "$1"; done
            fi
        }
        # Tells of $p where it holds our output.
        tell() {
            if [ "$p/fd/1" -ef /proc/self/fd/1 ] || [ "$p/fd/2" -ef /proc/self/fd/2 ]; then
                [ "$p" = "/proc/$self" ] || { { read -r name <"$p/comm"; } 2>/dev/null && "$1" "${p#/proc/}" "$name"; }
            fi
        }
        note() { printf '%s n %s %s\n' "$mark" "$1" "$2" >&2; }
        left() { stray=$1; }

        lost() {
            [ -z "$1" ] || printf '%s\n' "$1" >&2
            [ -z "$temp" ] || rm -f -- "$temp"
            [ -n "$come" ] || (take "$length") >/dev/null
            exit 1
        }
        # All of the content, whatever the disk says: one block is read before any of it is written. dd says 1 of what it
        # could not write; with anything else nobody knows how far standard input was read.
        content() {
            if [ "$length" -le 65536 ]; then dd bs=65536 iflag=fullblock,count_bytes count="$length" conv=fsync
            else take "$length" | { dd bs=65536 conv=fsync || { s=$?; cat >/dev/null; (exit $s); }; }
            fi
            case $? in 0) ;; 1) exit 9 ;; *) exit 3 ;; esac
        }
        # In a subshell that ends with 0 for a file in its place, with 1 for none, and with anything else where the driver
        # has to end. What a file costs is processes: those that would alter nothing are left out.
        put() {
            temp= come=
            [ "$make" = make ] || make=
            reach "$path" "$make" || { word; lost; }
            [ ! -d "./$name" ] || [ -L "./$name" ] || lost "$path is a folder"
            case $replaced in
            -) ;;
            nothing) [ ! -e "./$name" ] || lost "$path has been made since it was looked at" ;;
            *)
                [ -f "./$name" ] || lost "$path is gone since it was looked at"
                sum=
                { held && sum=$(sha256sum <&7); } 7<"./$name" || { word; lost; }
                [ "${sum%% *}" = "$replaced" ] || lost "$path has changed since it was looked at"
                ;;
            esac
            # What a run that was killed has left here.
            for old in ./.kubani.[0-9]*.[0-9]*; do
                [ -e "$old" ] || continue
                old_of=${old##*/.kubani.}
                born "${old_of%%.*}" && [ "$birth" = "${old_of#*.}" ] || rm -f -- "$old"
            done
            born "$self"
            new=./.kubani.$self.$birth
            # A new file's usual mode comes with it; one that is to be kept is known only afterwards.
            umask 077
            case $mode in 644) umask 022 ;; -) { [ -e "./$name" ] && [ ! -L "./$name" ]; } || umask 022 ;; esac
            set -C
            { fill; } 6>"$new" || lost "could not create a file in ${here:-/}"
            # In the place of a link too, never into the folder that it leads to.
            over "$temp" "./$name" || { word; lost; }
        }
        # dd says why first, and then how much it copied.
        unwritten() {
            said=${said%%"$nl"*}
            case $said in
            *'No space left'* | *'quota exceeded'*)
                lost "could not write $path: ${said##*: }
        hint: make room on the disk that holds ${here:-/}, then apply again; df -h shows what is full" ;;
            *) lost "could not write $path: ${said##*: }" ;;
            esac
        }
        # By its descriptor: in a folder of somebody else's the name may lead elsewhere by now. Mode and owner before the
        # content, which may be secret where a folder's default ACL opens what is new.
        fill() {
            # A shell that may not replace a file still opens a pipe or a device that was put there.
            [ -f /proc/self/fd/6 ] || lost "somebody else has put something at $here/${new#./}"
            temp=$new
            # Mode, user and group of the new file, then of the one there. A link gives way, and nothing of it is kept.
            set -- /proc/self/fd/6
            if [ -e "./$name" ] && [ ! -d "./$name" ] && [ ! -L "./$name" ]; then set -- "$@" "./$name"; fi
            said=$(stat -L -c '%a %u %g' -- "$@") || lost "could not look at $path"
            set -- $said
            [ "$mode" != - ] || mode=${4-644}
            [ "$owner" != - ] || owner=${5-$2}
            [ "$group" != - ] || group=${6-$3}
            [ "$owner" != root ] || owner=0
            [ "$group" != root ] || group=0
            if [ "$owner $group" != "$2 $3" ]; then
                chown -- "$owner:$group" /proc/self/fd/6 || lost "could not set the owner of $path"
                set -- cleared
            fi
            [ "$mode" = "$1" ] || chmod -- "$mode" /proc/self/fd/6 || lost "could not set the mode of $path"
            said=$(content 2>&1 >&6)
            case $? in 0) come=1 ;; 9) come=1; unwritten ;; *) printf '%s\n' "$said" >&2; exit 3 ;; esac
            case $sha,$said in
            -,*"
        $length byte"*) ;;
            -,*) [ "$(wc -c </proc/self/fd/6)" -eq "$length" ] || lost "not all of $path arrived" ;;
            *)
                sum=$(sha256sum </proc/self/fd/6)
                [ "${sum%% *}" = "$sha" ] || lost "what arrived for $path is not what was sent"
                ;;
            esac
            # Writing may take set-id bits away.
            case $mode in ????) chmod -- "$mode" /proc/self/fd/6 || lost "could not set the mode of $path" ;; esac
        }

        # Whose lock it is stands in it: pid, start time and boot; it is complete from the moment it is there (ln).
        lock() {
            [ -z "$held" ] || return 0
            read -r boot </proc/sys/kernel/random/boot_id
            born "$self"
            umask 077
            [ -d "$folder" ] || mkdir -p -- "$folder" || return 1
            new=$folder/lock.$self
            own="$self $birth $boot"
            printf '%s\n%s\n' "$own" "$text" >"$new" || return 1
            for try in 1 2 3 4 5; do
                if ln -- "$new" "$folder/lock" 2>/dev/null; then
                    held=$folder/lock
                    rm -f -- "$new"
                    pulse=$folder.pulse.$self silence=$a
                    (watch "$birth") </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- &
                    return 0
                fi
                { read -r pid start at && IFS= read -r who; } 2>/dev/null <"$folder/lock" || continue
                if [ "$at" = "$boot" ] && born "$pid" && [ "$birth" = "$start" ]; then
                    # Our own run, over a connection that it knows to be lost and the node does not yet.
                    if [ "$who" = "$text" ]; then kill "$pid" 2>/dev/null; sleep 1; continue; fi
                    rm -f -- "$new"
                    printf '%s\n' "$who"
                    return 75
                fi
                # One at a time may clear that very holder's lock away, and only while it is still that one's.
                mkdir -- "$folder/gone.$pid.$start" 2>/dev/null || continue
                { read -r now then at; } 2>/dev/null <"$folder/lock"
                [ "$now.$then" != "$pid.$start" ] || rm -f -- "$folder/lock"
                rmdir -- "$folder/gone.$pid.$start"
            done
            rm -f -- "$new"
            printf 'several runs are taking it at this moment\n'
            return 75
        }

        # How long nothing may be heard from here on.
        heard() {
            [ -n "$pulse" ] || return 0
            count=$((count + 1))
            printf '%s %s\n' "$count" "$((silence + $1))" >"$pulse"
        }
        # Beside the driver: ends it once the pulse has stood still for so long. Another may have its pid by then.
        watch() {
            trap '' HUP PIPE
            trap - EXIT TERM INT
            pause=$((silence / 6 + 1)) still=0 before=
            while sleep "$pause" && born "$self" && [ "$birth" = "$1" ]; do
                now= limit=$silence
                { read -r now limit; } 2>/dev/null <"$pulse"
                if [ "$now" = "$before" ]; then still=$((still + pause)); else still=0 before=$now; fi
                [ "$still" -ge "$limit" ] || continue
                kill -KILL "$self"
                { read -r line; } 2>/dev/null <"$folder/lock"
                [ "$line" != "$own" ] || rm -f -- "$folder/lock"
                break
            done
            rm -f -- "$pulse"
        }
        # Whether the lock is still ours; nobody's is as good as ours.
        mine() {
            [ -n "$held" ] || return 0
            line= who=nobody
            { IFS= read -r line && IFS= read -r who; } 2>/dev/null <"$held"
            [ "$line" = "$own" ]
        }
        # Only from whom it was agreed to: by now it may be somebody else's.
        wrest() {
            { read -r line && IFS= read -r who; } 2>/dev/null <"$folder/lock" || return 0
            [ "$who" != "$text" ] || rm -f -- "$folder/lock"
        }

        serve() {
            read -r self line </proc/self/stat
            { read -r line line line line first </proc/loadavg; } 2>/dev/null
            trap : PIPE HUP
            trap 'exit 143' TERM INT
            trap 'release' EXIT
            say r
            while read -r verb id chain a b c d e f g; do
                printf %s "$beat" >&5 2>/dev/null || break
                if [ "$verb" = beat ]; then heard 0; continue; fi
                mine || { say k "$who"; break; }
                case $verb in
                run) length=$b; heard $((a + 30)) ;;
                write)
                    length=$a sha=$b mode=$c owner=$d group=$e make=$f replaced=$g
                    heard $((length / 65536))
                    IFS= read -r path
                    ;;
                lock | break) length=0; IFS= read -r folder; IFS= read -r text ;;
                *) break ;;
                esac
                if [ "$chain" = "$failed" ]; then
                    [ "$length" = 0 ] || (take "$length") >/dev/null
                    heard 0
                    continue
                fi
                say b "$id"
                case $verb in
                run) take "$length" | script "$a" "$length" 5>&-; status=$?; strays note ;;
                write) (put); status=$?; [ "$status" -le 1 ] || break ;;
                lock) lock; status=$?; umask 022 ;;
                break) wrest; status=$? ;;
                esac
                [ "$status" = 0 ] || failed=$chain
                say e "$id" "$status"
                heard 0
            done
        }
        # A process that was left behind holds the relays too: then they are ended, for nothing else ends them.
        release() {
            [ -z "$pulse" ] || rm -f -- "$pulse"
            [ -z "$held" ] || ! mine || { rm -f -- "$held"; rmdir -- "${held%/*}" 2>/dev/null; }
            held=
            [ -p /proc/self/fd/1 ] && [ -p /proc/self/fd/2 ] || return 0
            strays left
            [ -z "$stray" ] || for p in /proc/[0-9]*; do
                if [ "$p/fd/0" -ef /proc/self/fd/1 ] || [ "$p/fd/0" -ef /proc/self/fd/2 ]; then kill "${p#/proc/}"; fi
            done
        }

        # Ended by EOF, or by `release`; where nobody reads any more it goes on taking what comes, for /dev/null.
        # One process does where it is GNU's tee, which goes on without whom it cannot reach.
        case $kind in
        *GNU*) relay() { trap '' PIPE; exec tee /dev/null 2>/dev/null; } ;;
        *) relay() { cat || [ $? = 143 ] || cat >/dev/null; } ;;
        esac
        { { (exec 2>&3 5>&4 3>&- 4>&-; serve) | (exec >&4 3>&- 4>&-; relay); } 3>&1 | (exec >&2 4>&-; relay); } 4>&1
        """#
}
