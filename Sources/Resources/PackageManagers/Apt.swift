import Model

/// Debian, Ubuntu, Raspberry Pi OS.
enum Apt: PackageManager {
    static let name = "apt"
    static let isThere: Script = "command -v apt-get >/dev/null && command -v dpkg-query >/dev/null"

    /// One dpkg-query for all; a second one only where a name is not installed, for it may be one that others provide.
    static func list(_ names: [String]) -> Script {
        """
        installed=$(dpkg-query -W -f '${db:Status-Status}\\t${Package}\\t${Architecture}\\t${Version}\\n' \(names) 2>/dev/null)
        printf '%s\\n' "$installed"
        missing=\(names.count)
        set -f
        IFS='
        '
        for line in $installed; do case $line in installed*) missing=$((missing - 1)) ;; esac; done
        if [ "$missing" -gt 0 ]; then
            dpkg-query -W -f 'provided ${db:Status-Status}\\t${Provides}\\n' 2>/dev/null | grep '^provided installed.'
        fi
        """
    }

    static func parse(_ text: String) -> [String: InstalledPackage] {
        var installed: [String: InstalledPackage] = [:]
        var provided: Set<String> = []
        for line in text.split(separator: "\n") {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            if cells.count == 4, isInstalled(cells[0]) {
                installed[cells[1]] = InstalledPackage(version: cells[3])
                installed["\(cells[1]):\(cells[2])"] = InstalledPackage(version: cells[3])
            } else if cells.count == 2, cells[0] == "provided installed" {
                // "awk, mta (= 1.0)"
                for item in cells[1].split(separator: ",") {
                    if let name = item.split(separator: " ").first { provided.insert(String(name)) }
                }
            }
        }
        for name in provided where installed[name] == nil {
            installed[name] = InstalledPackage(version: "provided by another package", isProvided: true)
        }
        return installed
    }

    /// Triggers that wait are the business of the next apt run, not of the package.
    private static func isInstalled(_ status: String) -> Bool {
        ["installed", "triggers-pending", "triggers-awaited"].contains(status)
    }

    /// Never more than the plan says: apt would remove what stands in the way.
    static func install(_ packages: [PackageName], update: Bool) -> Script {
        let versions: Script = packages.contains { $0.version != nil } ? "--allow-downgrades " : ""
        let refresh: Script =
            update
            ? "[ -n \"$(find /var/lib/apt/lists/partial -maxdepth 0 -mmin -60 2>/dev/null)\" ] || refresh || exit" : ":"
        return """
            \(prepare)
            \(refresh)
            act install --no-remove \(versions)\(packages.map(\.description))
            """
    }

    static func remove(_ packages: [PackageName]) -> Script {
        "\(prepare)\nact remove \(packages.map(\.name))"
    }

    /// Fetches the package lists of one source file.
    ///
    /// - Parameter undo: what is done first where that fails.
    static func refresh(only path: String, orElse undo: Script) -> Script {
        """
        \(prepare)
        apt -o Dir::Etc::SourceList=\(path) -o Dir::Etc::SourceParts=/dev/null -o APT::Get::List-Cleanup=0 update
        case $status:$said in
        0:*'Failed to fetch'* | 0:*'Some index files failed'*) status=100 ;;
        esac
        if [ "$status" != 0 ]; then
        \(undo)
        fail "$status"
        fi
        """
    }

    /// Defines `act ARGUMENTS…`, which runs apt-get to its end whatever state it finds apt in: a lock is waited for, an
    /// interrupted dpkg mended, lists that do not know a package (any more) refreshed once.
    private static let prepare: Script = #"""
        export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l APT_LISTCHANGES_FRONTEND=none LC_ALL=C
        read -r now rest </proc/uptime
        end=$((${now%%.*} + 300))
        apt() {
            while :; do
                said=$(apt-get -y -q -o DPkg::Lock::Timeout=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" 2>&1)
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
                *) break ;;
                esac
            done
            printf '%s\n' "$said"
            return $status
        }
        fail() {
            printf '%s\n' "$said" | grep -v '^Reading \|^Building ' | tail -n 20 >&2
            case $said$lists in
            *'Could not get lock'* | *'Unable to lock'* | *'Unable to acquire'*)
                echo "hint: another program holds apt's lock for more than 5 minutes: unattended-upgrades?" ;;
            *'Temporary failure resolving'* | *'Could not connect'* | *'Connection timed out'* | *'Network is unreachable'*)
                echo "hint: the node does not reach its package mirror; see /etc/apt/sources.list and its DNS" ;;
            *'Unable to locate package'* | *'no installation candidate'* | *'was not found'*)
                echo "hint: is the name right for this release of the distribution, and is its repository set up?" ;;
            *'NO_PUBKEY'* | *'is not signed'* | *'signatures were invalid'* | *'EXPKEYSIG'*)
                echo "hint: the key does not sign this repository: is it the repository's own, and still valid?" ;;
            *'does not have a Release file'* | *'404  Not Found'*)
                echo "hint: there is no such repository: are its uris, suites and components right for this release?" ;;
            *'unmet dependencies'* | *'held broken packages'*)
                echo "hint: apt-mark showhold lists held packages; apt-get -f install mends dependencies" ;;
            *'remove is disabled'*)
                echo "hint: other packages would have to go, which nobody asked for; where they should, put a package task with state: absent before this one" ;;
            *'No space left on device'*) echo "hint: the disk is full; apt-get clean frees downloaded packages" ;;
            esac >&2
            exit "$1"
        }
        refresh() {
            refreshed=yes
            apt update || fail $?
            lists=$said
        }
        act() {
            apt "$@" && return
            status=$?
            case $said in
            *'Unable to locate package'* | *'no installation candidate'* | *'was not found'* | *'Unable to fetch some archives'* | *'Failed to fetch'*)
                [ -z "$refreshed" ] || fail $status
                refresh
                apt "$@" || fail $? ;;
            *) fail $status ;;
            esac
        }
        mended=
        told=
        refreshed=
        lists=
        """#
}
