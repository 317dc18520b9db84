import Model

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where roles are looked for; the first folder that has a role of a name wins.
enum RoleFolders {
    /// - Parameter given: those of `--roles`, which leave no others.
    /// - Throws: for a folder that somebody named and that is not there.
    static func find(given: [String]) throws(InputErrors) -> [String] {
        if !given.isEmpty { return try existing(given, named: "--roles") }
        let named = (ProcessInfo.processInfo.environment["KUBANI_ROLES"] ?? "").split(separator: ":").map(String.init)
        let own = ["roles"] + (shipped.map { [$0] } ?? [])
        return try existing(named, named: "KUBANI_ROLES") + own.filter(isFolder)
    }

    private static func existing(_ folders: [String], named by: String) throws(InputErrors) -> [String] {
        let missing = folders.filter { !isFolder($0) }
        if !missing.isEmpty { throw InputErrors(missing.map { InputError("\(by): there is no folder \($0)") }) }
        return folders
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    }

    /// kubani's own roles, installed at `../share/kubani/roles` beside the program's folder.
    private static var shipped: String? {
        #if os(Linux)
            let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        #else
            let program = CommandLine.arguments.first
        #endif
        guard let program else { return nil }
        let prefix = program.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        return prefix + "/share/kubani/roles"
    }
}
