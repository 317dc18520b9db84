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
        provided=
        set -f
        IFS='
        '
        for line in $installed; do case $line in installed*) missing=$((missing - 1)) ;; esac; done
        if [ "$missing" -gt 0 ]; then
            provided=$(dpkg-query -W -f 'provided ${db:Status-Status}\\t${Provides}\\n' 2>/dev/null | grep '^provided installed.')
            printf '%s\\n' "$provided"
        fi
        unset IFS
        set +f
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

    /// Never more than the plan says: what apt would remove beyond that keeps it from beginning.
    static func install(_ packages: [PackageName], update: Bool, removing: [String]) -> Script {
        let versions: Script = packages.contains { $0.version != nil } ? "--allow-downgrades " : ""
        let keep: Script = removing.isEmpty ? "--no-remove " : ""
        let refresh: Script =
            update
            ? "[ -n \"$(find /var/lib/apt/lists/partial -maxdepth 0 -mmin -60 2>/dev/null)\" ] || refresh" : ":"
        return """
            \(prepare)
            \(refresh)
            planned=\(removing.joined(separator: " "))
            act install \(keep)\(versions)\(packages.map(\.description))
            """
    }

    static func remove(_ packages: [PackageName], removing: [String]) -> Script {
        """
        \(prepare)
        planned=\((packages.map(\.name) + removing).joined(separator: " "))
        act remove \(packages.map(\.name))
        """
    }
}
