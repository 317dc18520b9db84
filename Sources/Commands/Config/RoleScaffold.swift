import Model
import OrderedCollections

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files of a role that somebody begins: right as they are, and small enough to be read at once.
struct RoleScaffold {
    let name: String

    /// - Throws: for a name that is no folder's, tag's and file's alike.
    init(name: String) throws(InputErrors) {
        guard name.wholeMatch(of: /[a-z][a-z0-9]*(-[a-z0-9]+)*/) != nil, name.count <= 63 else {
            throw InputErrors(
                InputError(
                    "'\(name)' is no name for a role",
                    hint: "lower-case letters and digits, with single hyphens between them: time-sync"))
        }
        self.name = name
    }

    /// A variable's name may have no hyphen.
    private var variable: String { name.map { $0 == "-" ? "_" : String($0) }.joined() + "_greeting" }

    /// Path within the role's folder → text.
    var files: OrderedDictionary<String, String> {
        [
            "role.yml": """
            role: \(name)
            summary: Says in one sentence what it is for.
            # A group of the inventory, or all.
            hosts: all

            # Each may be set in the inventory instead.
            defaults:
              \(variable): Hello

            tasks:
              - name: configuration
                file:
                  path: /etc/\(name).conf
                  template: \(name).conf
                  mode: "0644"
                notify: tell

            # Runs once, after all that notify it, where one of them changed something.
            handlers:
              - name: tell
                command: logger \(name) is configured

            """,
            "templates/\(name).conf": """
            # Written by kubani; changes made here are undone by the next kubani apply.
            greeting = {{ \(variable) }} from {{ inventory_hostname }}

            """,
        ]
    }

    /// Whole or not at all: made beside its place, and moved there.
    ///
    /// - Throws: where it cannot be written.
    func write(to folder: String) throws(Failure) {
        let manager = FileManager.default
        let place = "\(folder)/\(name)"
        let beside = "\(folder)/.\(name)-\(ProcessInfo.processInfo.processIdentifier)"
        do {
            for (file, text) in files {
                let path = "\(beside)/\(file)"
                let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
                    .joined(separator: "/")
                try manager.createDirectory(atPath: parent, withIntermediateDirectories: true)
                try Data(text.utf8).write(to: URL(filePath: path))
            }
            try manager.moveItem(atPath: beside, toPath: place)
        } catch {
            try? manager.removeItem(atPath: beside)
            throw Failure(deed: "write \(place)", cause: Self.cause(error))
        }
    }

    /// The system's own words, where Foundation carries them.
    private static func cause(_ error: any Error) -> String {
        let reason = (error as? CocoaError)?.userInfo["NSUnderlyingError"] as? POSIXError
        return reason.map { String(cString: strerror($0.code.rawValue)) } ?? "\(error)"
    }
}
