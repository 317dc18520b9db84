import Model

/// One way to install packages; `Package.managers` lists them.
protocol PackageManager: Sendable {
    static var name: String { get }
    /// A shell condition: whether the node has it.
    static var isThere: Script { get }
    /// Read-only: prints what `parse` reads of these packages, in as few processes as possible.
    static func list(_ names: [String]) -> Script
    /// The installed ones among them.
    static func parse(_ text: String) -> [String: InstalledPackage]
    /// Read-only, after `list`: what `simulate` needs.
    static var simulating: Script { get }
    /// Read-only: prints a field that `parse(simulation:)` reads, an empty one where there is nothing to do or it cannot
    /// be told.
    static func simulate(_ packages: [PackageName], isPresent: Bool) -> Script
    static func parse(simulation text: String) -> PackageSimulation?
    /// - Parameter removing: what may go for it.
    static func install(_ packages: [PackageName], update: Bool, removing: [String]) -> Script
    /// - Parameter removing: what may go with them.
    static func remove(_ packages: [PackageName], removing: [String]) -> Script
}

/// A package as a node has it.
struct InstalledPackage: Sendable, Hashable {
    var version: String
    /// Another package stands in for it (a virtual package such as `awk`).
    var isProvided = false
}

/// A package as a role asks for it: a name and perhaps a version.
struct PackageName: Sendable, Hashable, CustomStringConvertible {
    var name: String
    var version: String?

    /// - Parameter text: `curl`, `libc6:i386`, `curl=7.88.1-10+deb12u5`, `curl=7.88*`.
    init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        name = String(parts[0])
        version = parts.count == 2 ? String(parts[1]) : nil
        func isWord(_ text: some StringProtocol, also: String) -> Bool {
            guard let first = text.unicodeScalars.first, first != "-", first != "." else { return false }
            return text.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || also.unicodeScalars.contains($0))
            }
        }
        guard isWord(name, also: "+-._:") else { return nil }
        if let version, !isWord(version, also: "+-._:~^*") || version.dropLast().contains("*") { return nil }
    }

    var description: String { version.map { "\(name)=\($0)" } ?? name }

    /// Whether the installed version is the one asked for; rpm's may be asked for without its epoch or release.
    func accepts(_ installed: InstalledPackage) -> Bool {
        guard let version else { return true }
        if installed.isProvided { return false }
        var candidates = [installed.version]
        if let colon = installed.version.firstIndex(of: ":") {
            candidates.append(String(installed.version[installed.version.index(after: colon)...]))
        }
        if version.hasSuffix("*") { return candidates.contains { $0.hasPrefix(version.dropLast()) } }
        return candidates.contains { $0 == version }
    }
}
