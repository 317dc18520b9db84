#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where roles are looked for; the first folder that has a role of a name wins.
enum RoleFolders {
    static func find(given: [String]) -> [String] {
        if !given.isEmpty { return given }
        var folders: [String] = []
        if let named = ProcessInfo.processInfo.environment["KUBANI_ROLES"], !named.isEmpty {
            folders += named.split(separator: ":").map(String.init)
        }
        folders.append("roles")
        if let shipped { folders.append(shipped) }
        return folders.filter { FileManager.default.fileExists(atPath: $0) }
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
