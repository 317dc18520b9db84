/// How a script goes to a path of a node, so that nobody but root leads it elsewhere.
///
/// Whoever may write to a folder can put a link there, at any moment. So what is looked at or changed by root is looked
/// at in a folder that was entered, and whose place the kernel told afterwards: a link on the way shows there. Below a
/// folder that somebody else than root may write to, none is followed; one that root made, where nobody else could have,
/// is. What happens in the folder goes by names of one part, which lead nowhere, or by what was opened.
public enum NodeWay {
    /// Defines, for `sh` with coreutils' or busybox's programs:
    ///
    /// - `enter FOLDER [make]`: goes into a folder; where it then is stands in `$here`, empty for `/`. With `make`, what
    ///   is missing is made (as umask has it).
    /// - `reach PATH [make]`: goes into the folder of a path, whose last part is `$name` then.
    /// - `follow`: where a link of root's is at `$name`, goes to the folder and name that it leads to.
    /// - `held`: whether what was opened as descriptor 7 is the regular file at `$name`, and has no other name by which
    ///   somebody could have handed in a file of somebody else's.
    /// - `over FILE NAME`: renames, in the place of whatever is no folder; never into a folder.
    /// - `own NAME`: enters a folder at that name here which root alone may read and write; made where it is not there.
    ///
    /// Each of them fails where that is not possible, and says why in `$refused`; `stop` hands that on and ends the
    /// script. The links that were followed stand in `$through`, a line each. `$missing` says that there was nothing.
    public static let functions: Script = #"""
        nl='
        '
        where() { here=$(readlink /proc/self/cwd && echo .); here=${here%??}; here=${here%/}; }
        # Of a line `MODE/USER…` of stat, in hexadecimal digits: a folder that root alone may write to.
        sole() { case ${1%%"$nl"*}/ in 4?[02468ace][014589cd]/0/*) ;; *) return 1 ;; esac; }
        astray() {
            refused="$1 is a symbolic link that somebody else than root may have made: it is not followed"
            return 1
        }
        word() {
            case $refused in
            *'not followed') printf '%s\n' "$refused" "hint: name the path that it leads to, or remove the link" ;;
            *) printf '%s\n' "${refused:-it was refused}" ;;
            esac >&2
        }
        stop() { word; exit 1; }
        enter() {
            refused= through= missing=
            cd -P -- "$1" 2>/dev/null && where && [ "$here" = "${1%/}" ] || walk "$1" "$2"
        }
        # Part by part; $loose is the first folder on the way that somebody else may write to.
        walk() {
            cd / || return
            here= loose= turns=0 rest=$1
            while [ -n "$rest" ]; do
                next=${rest%%/*}
                case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
                case $next in
                '' | .) continue ;;
                ..) cd -P .. && where || return; continue ;;
                esac
                turns=$((turns + 1))
                [ "$turns" -le 400 ] || { refused="$1 leads in a circle"; return 1; }
                said=$(stat -c '%f/%u' -- . "./$next" 2>/dev/null)
                [ -n "$loose" ] || sole "$said" || loose=${here:-/}
                case $said in *"$nl"*) said=${said#*"$nl"} ;; *) said= ;; esac
                case $said in
                4*)
                    cd -P -- "./$next" 2>/dev/null || { refused="$here/$next cannot be entered"; return 1; }
                    next=$here/$next
                    where
                    [ "$here" = "$next" ] || { astray "$next"; return; } ;;
                a*)
                    [ -z "$loose" ] && [ "${said#*/}" = 0 ] || { astray "$here/$next"; return; }
                    to=$(readlink -- "./$next" && echo .)
                    to=${to%??}
                    through=$through${through:+$nl}"$here/$next -> $to"
                    case $to in /*) cd / && here= ;; esac
                    rest=$to${rest:+/$rest} ;;
                '')
                    missing=$here/$next
                    [ "$2" = make ] || { refused="the folder $1 is missing"; return 1; }
                    said=$(mkdir -- "./$next" 2>&1) || [ -L "./$next" ] || [ -d "./$next" ] || {
                        refused="the folder $missing could not be made: $said"
                        return 1
                    }
                    missing= rest=$next${rest:+/$rest} ;;
                *) refused="$here/$next is not a directory"; return 1 ;;
                esac
            done
        }
        reach() {
            at=${1%/*} name=${1##*/}
            enter "${at:-/}" "$2"
        }
        follow() {
            hops=0
            while [ -L "./$name" ]; do
                at=${here:-/}
                walk "$at" || return
                said=$(stat -c '%f/%u' -- . "./$name" 2>/dev/null)
                [ -z "$loose" ] && sole "$said" && [ "${said##*/}" = 0 ] || { astray "$here/$name"; return; }
                hops=$((hops + 1))
                [ "$hops" -le 40 ] || { refused="$here/$name leads in a circle"; return 1; }
                to=$(readlink -- "./$name" && echo .)
                to=${to%??}
                through=$through${through:+$nl}"$here/$name -> $to"
                case $to in /*) ;; *) to=$here/$to ;; esac
                while case $to in */ | */.) ;; *) false ;; esac; do to=${to%.} to=${to%/}; done
                case $to in */..) walk "$to" || return; to=$here ;; esac
                at=${to%/*}
                walk "${at:-/}" || return
                name=${to##*/}
            done
        }
        held() {
            at=$(readlink /proc/self/fd/7 && echo .)
            [ "${at%??}" = "$here/$name" ] || { astray "$here/$name"; return; }
            [ -f /proc/self/fd/7 ] || { refused="$here/$name is not a file"; return 1; }
            [ "$(stat -L -c %h /proc/self/fd/7)" = 1 ] || secluded || {
                refused="$here/$name has other names (hard links), and somebody else than root may have made them"
                return 1
            }
        }
        # Whether root alone can have put here what is here.
        secluded() { at=${here:-/}; walk "$at" && [ -z "$loose" ] && sole "$(stat -c '%f/%u' .)"; }
        over() {
            said=$(mv -fT -- "$1" "$2" 2>&1) && return
            # busybox's takes a link to a directory for one.
            if [ -L "$2" ]; then rm -f -- "$2" && said=$(mv -fT -- "$1" "$2" 2>&1) && return; fi
            refused="could not put $here/${2##*/} in place: $said"
            # Older ones of busybox know no -T; elsewhere what leads into a folder cannot be told from one in time.
            case $(mv -T 2>&1) in *option*) secluded || return 1 ;; *) return 1 ;; esac
            [ -L "$2" ] || [ ! -d "$2" ] || return 1
            rm -f -- "$2" && mv -f -- "$1" "$2"
        }
        own() {
            was=$here
            for try in 1 2; do
                mkdir -m 700 -- "./$1" 2>/dev/null
                if cd -P -- "./$1" 2>/dev/null; then
                    where
                    [ "$here" != "$was/$1" ] || [ "$(stat -c %f/%u .)" != "41c0/$(id -u)" ] || return 0
                    walk "${was:-/}" || return
                    [ "$here" = "$was" ] || { refused="$was was moved away meanwhile"; return 1; }
                fi
                rm -f -- "./$1" 2>/dev/null || rmdir -- "./$1" 2>/dev/null
            done
            refused="$was/$1 is in the way: it is not root's alone"
            return 1
        }
        """#
}
