import Foundation
import Model
import Shell
import TestSupport
import Testing

/// The real shells that a node may have as `sh`, each with the programs that come with it.
enum TestShell: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case dash, bash, busybox

    var testDescription: String { rawValue }

    /// A folder that stands first in PATH, where `sh` is this shell; under busybox every program is busybox's.
    static let folders: [TestShell: String] = {
        var all: [TestShell: String] = [:]
        for shell in allCases {
            let folder = NSTemporaryDirectory() + "kubani-sh-\(shell.rawValue)-\(getpid())"
            let manager = FileManager.default
            try? manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
            if shell == .busybox {
                // Not by Foundation's Process: it hears of an end only once every process that was started meanwhile
                // has ended, and those wait for this folder.
                var id: pid_t = 0
                let words: [String] = ["busybox", "--install", "-s", folder]
                let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
                defer { for argument in arguments { free(argument) } }
                if posix_spawn(&id, "/usr/bin/busybox", nil, nil, arguments, environ) == 0 { waitpid(id, nil, 0) }
            } else {
                try? manager.createSymbolicLink(atPath: folder + "/sh", withDestinationPath: "/bin/\(shell.rawValue)")
            }
            all[shell] = folder
        }
        return all
    }()

    var environment: [String: String] {
        ["PATH": (Self.folders[self] ?? "") + ":/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"]
    }

    func channel() throws -> LocalChannel {
        let settings = ConnectionSettings(host: "here")
        let opening = openShell(settings, login: "root").text
        return try LocalChannel("sh", ["-c", opening], environment: environment)
    }

    func open(holder: String? = nil, lockFolder: String = "/run/kubani-test", grace: Duration = .seconds(20)) throws
        -> DriverShell
    {
        DriverShell(channel: try channel(), host: "here", holder: holder, lockFolder: lockFolder, grace: grace)
    }
}

/// A folder that is removed with the value.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "kubani-scratch-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func callAsFunction(_ name: String) -> String { path + "/" + name }
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Waits until something is so; false when it is not within the time.
func eventually(_ within: Duration = .eventually, _ isSo: () -> Bool) async -> Bool {
    let end = ContinuousClock.now + within
    while !isSo() {
        if ContinuousClock.now > end { return false }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return true
}
