import Model

/// Fedora, RHEL and its kin.
enum Dnf: PackageManager {
    static let name = "dnf"
    static let isThere: Script = "command -v dnf >/dev/null && command -v rpm >/dev/null"

    /// One rpm query for all; one more for each that is not installed, for another package may provide it.
    static func list(_ names: [String]) -> Script {
        """
        installed=$(LC_ALL=C rpm -q --qf 'installed\\t%{NAME}\\t%{ARCH}\\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\n' \(names) 2>/dev/null)
        printf '%s\\n' "$installed"
        for name in \(names); do
            case $installed in *"package $name is not installed"*)
                rpm -q --quiet --whatprovides "$name" >/dev/null 2>&1 && printf 'provided\\t%s\\n' "$name" ;;
            esac
        done
        """
    }

    static func parse(_ text: String) -> [String: InstalledPackage] {
        var installed: [String: InstalledPackage] = [:]
        for line in text.split(separator: "\n") {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            if cells.count == 4, cells[0] == "installed" {
                // Epoch 0 is the absence of one. Of several kernels or libraries side by side the last counts.
                let version = cells[3].hasPrefix("0:") ? String(cells[3].dropFirst(2)) : cells[3]
                installed[cells[1]] = InstalledPackage(version: version)
                installed["\(cells[1]).\(cells[2])"] = InstalledPackage(version: version)
            } else if cells.count == 2, cells[0] == "provided", installed[cells[1]] == nil {
                installed[cells[1]] = InstalledPackage(version: "provided by another package", isProvided: true)
            }
        }
        return installed
    }

    /// dnf keeps what it calls protected by itself: itself, systemd, sudo, the running kernel.
    static let simulating: Script = ":"
    static func simulate(_ packages: [PackageName], isPresent: Bool) -> Script { "printf '\\0'" }
    static func parse(simulation text: String) -> PackageSimulation? { nil }

    static func install(_ packages: [PackageName], update: Bool, removing: [String]) -> Script {
        let names = packages.map { package in package.version.map { "\(package.name)-\($0)" } ?? package.name }
        // A version may lie below the installed one, which dnf's install leaves alone.
        let deed: Script =
            packages.contains { $0.version != nil }
            ? "act install \(names) && { rpm -q \(names.filter { !$0.hasSuffix("*") }) >/dev/null || act downgrade \(names); }"
            : "act install \(names)"
        return """
            \(prepare)
            \(update ? Script("metadata=--refresh") : Script(""))
            \(deed)
            """
    }

    static func remove(_ packages: [PackageName], removing: [String]) -> Script {
        "\(prepare)\nact remove --setopt=clean_requirements_on_remove=False \(packages.map(\.name))"
    }

    /// dnf waits for its own lock; the step's deadline ends that.
    private static let prepare: Script = #"""
        export LC_ALL=C
        metadata=
        act() {
            said=$(dnf -y -q $metadata "$@" 2>&1)
            status=$?
            printf '%s\n' "$said"
            [ "$status" = 0 ] && return
            printf '%s\n' "$said" | tail -n 20 >&2
            case $said in
            *'Unable to find a match'* | *'No match for argument'*)
                echo "hint: is the name right for this release of the distribution, and is its repository enabled (EPEL, CRB)?" ;;
            *'Curl error'* | *'Cannot download repomd.xml'* | *'Failed to download metadata'*)
                echo "hint: the node does not reach its package mirror; see /etc/yum.repos.d and its DNS" ;;
            *'No space left on device'*) echo "hint: the disk is full; dnf clean all frees downloaded packages" ;;
            esac >&2
            exit "$status"
        }
        """#
}
