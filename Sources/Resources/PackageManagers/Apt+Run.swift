import Model

extension Apt {
    /// Fetches the package lists of one source file, and asks apt whether it reads all of its sources with that one
    /// among them: what is right by itself may be one too many.
    ///
    /// - Parameter undo: what is done first where that fails.
    static func refresh(only path: String, orElse undo: Script) -> Script {
        """
        \(prepare)
        apt -o Dir::Etc::SourceList=\(path) -o Dir::Etc::SourceParts=/dev/null -o APT::Get::List-Cleanup=0 update
        case $status:$said in
        0:*'Failed to fetch'* | 0:*'Some index files failed'*) status=100 ;;
        esac
        if [ "$status" = 0 ] && ! said=$(timeout 20 apt-get indextargets 2>&1 >/dev/null); then
            complaint=$said
            own=\(path)
            \(sourceFiles)
            for file in $files; do
                [ "$file" != "$own" ] && alone "$file" && ! alone "$own" "$file" || continue
                status=100
                said="$complaint
        $file disagrees with $own"
            done
            [ "$status" != 0 ] || echo "note: apt does not read its sources, for what others say: $complaint" >&2
        fi
        if [ "$status" != 0 ]; then
        \(undo)
        fail "$status"
        fi
        """
    }

    /// Sets `files` to those that apt takes sources from; a name of other characters is none to apt either.
    static let sourceFiles: Script = #"""
        eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
        files=
        for file in "$list" "${parts%/}"/*.list "${parts%/}"/*.sources; do
            case ${file##*/} in *[!A-Za-z0-9_.-]*) continue ;; esac
            [ ! -f "$file" ] || files="$files $file"
        done
        """#

    /// `alone FILE…`: whether apt reads these sources without all others.
    /// `sound`: has `sources` hold options by which apt reads its sources without those that it refuses: one broken
    /// file of somebody's would keep every package from being installed.
    static let sourceSelection: Script = #"""
        alone() {
            selection=$(mktemp -d /run/kubani-apt.XXXXXX) || return
            number=0
            for one do
                number=$((number + 1))
                ln -s "$one" "$selection/$number-${one##*/}"
            done
            refused=$(timeout 20 apt-get -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$selection" indextargets 2>&1 >/dev/null)
            set -- $?
            rm -rf "$selection"
            return $1
        }
        sound() {
            eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
            files=
            for file in "$list" "${parts%/}"/*.list "${parts%/}"/*.sources; do
                case ${file##*/} in *[!A-Za-z0-9_.-]*) continue ;; esac
                [ -f "$file" ] || continue
                if alone $files "$file"; then files="$files $file"; else
                    echo "note: apt refuses $file, which is left out: $(printf '%s\n' "$refused" | sed -n 's/^E: //p' | head -n 1)" >&2
                fi
            done
            [ -n "$files" ] || return
            chosen=$(mktemp -d /run/kubani-apt.XXXXXX) || return
            trap 'rm -rf "$chosen"' EXIT
            number=100
            for file in $files; do
                number=$((number + 1))
                ln -s "$file" "$chosen/$number-${file##*/}"
            done
            sources="-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$chosen -o APT::Get::List-Cleanup=0"
        }
        """#

    /// Defines `act ARGUMENTS…`, which runs apt-get to its end whatever state it finds apt in: a lock is waited for, an
    /// interrupted dpkg mended, a source that apt refuses left out, lists that do not know a package (any more)
    /// refreshed once. Nothing is removed that `planned` does not name.
    static let prepare: Script = """
        export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l APT_LISTCHANGES_FRONTEND=none LC_ALL=C
        \(sourceSelection)
        \(simulation)
        \(running)
        """

    private static let running: Script = #"""
        read -r now rest </proc/uptime
        end=$((${now%%.*} + 300))
        apt() {
            while :; do
                said=$(apt-get -y -q $sources -o DPkg::Lock::Timeout=0 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" 2>&1)
                status=$?
                case $status:$said in
                0:*) break ;;
                *'Could not get lock'* | *'Unable to lock'* | *'Unable to acquire'*)
                    read -r now rest </proc/uptime
                    [ "${now%%.*}" -lt "$end" ] || break
                    holder=${said#*held by }
                    case $holder in "$said") holder='another program' ;; *) holder="${holder%%)*})" ;; esac
                    [ "$told" = "$holder" ] || echo "note: apt's lock is held by $holder: waiting for it" >&2
                    told=$holder
                    sleep 2 ;;
                *'dpkg --configure -a'*)
                    [ -z "$mended" ] || break
                    mended=yes
                    dpkg --force-confdef --force-confold --configure -a 2>&1 ;;
                *'The list of sources could not be read'*)
                    [ -z "$sources" ] || break
                    sound || break ;;
                *) break ;;
                esac
            done
            printf '%s\n' "$said"
            return $status
        }
        # What is progress is no cause; dpkg ends its lines of it with a carriage return.
        lines() {
            printf '%s\n' "$1" | tr '\r' '\n' | grep -v '^Reading \|^Building \|^(Reading database\|^[0-9]*% \|^\(Get\|Hit\|Ign\):[0-9]\|^Fetched \|^Selecting previously\|^Preparing to unpack\|^Unpacking \|^Progress: \|^[[:space:]]*$'
        }
        fail() {
            lines "$said" | tail -n 20 >&2
            case $said in
            *'Could not get lock'* | *'Unable to lock'* | *'Unable to acquire'*)
                echo "hint: another program holds apt's lock for more than 5 minutes: unattended-upgrades?" ;;
            *'Conflicting values set for option'*)
                echo "hint: two files have the same repository and disagree about it: one of them has to go" ;;
            *'Unable to locate package'* | *'no installation candidate'* | *'was not found'*)
                case $lists in
                '') echo "hint: is the name right for this release of the distribution, and is its repository set up?" ;;
                *)
                    echo "hint: is the name right for this release of the distribution? Should it come from one of these: they could not be fetched:$(lines "$lists" | grep -o '[a-z+]*:/[^ ]*' | sort -u | head -n 5 | tr '\n' ' ' | sed 's/^/ /; s/ $//')" ;;
                esac ;;
            *'Temporary failure resolving'* | *'Could not connect'* | *'Connection timed out'* | *'Network is unreachable'*)
                echo "hint: the node does not reach its package mirror; see /etc/apt/sources.list and its DNS" ;;
            *'NO_PUBKEY'* | *'is not signed'* | *'signatures were invalid'* | *'EXPKEYSIG'*)
                echo "hint: the key does not sign this repository: is it the repository's own, and still valid?" ;;
            *'does not have a Release file'* | *'404  Not Found'*)
                echo "hint: there is no such repository: are its uris, suites and components right for this release?" ;;
            *'unmet dependencies'* | *'held broken packages'*)
                echo "hint: apt-mark showhold lists held packages; apt-get -f install mends dependencies" ;;
            *'remove is disabled'*)
                echo "hint: other packages would have to go, which the plan could not tell yet: plan again" ;;
            *'No space left on device'*) echo "hint: the disk is full; apt-get clean frees downloaded packages" ;;
            esac >&2
            exit "$1"
        }
        # One source that cannot be fetched is no reason not to install what another has.
        refresh() {
            refreshed=yes
            lists=
            apt update
            case $status:$said in
            0:*'Failed to fetch'* | 0:*'Some index files failed'* | [1-9]*)
                lists=$said
                lines "$said" | sed -n 's/^[EW]: \(.*\)/note: \1/p' | head -n 5 >&2 ;;
            esac
        }
        act() {
            agreed "$@"
            apt "$@" && return
            status=$?
            case $said in
            *'Unable to locate package'* | *'no installation candidate'* | *'was not found'* | *'Unable to fetch some archives'* | *'Failed to fetch'*)
                [ -z "$refreshed" ] || fail $status
                refresh
                agreed "$@"
                apt "$@" || fail $? ;;
            *) fail $status ;;
            esac
        }
        planned=
        mended=
        told=
        refreshed=
        lists=
        sources=
        """#
}
