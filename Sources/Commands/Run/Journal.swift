import Model
import Report
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A run's events on disk, `.kubani/runs/TIME-ID/events.jsonl`, readable by its owner only.
///
/// It is made with the first event, so that a mistyped command leaves none. Where it cannot be made there is none: a
/// run is not refused for want of a journal.
final class Journal: Sendable {
    private let folder: String
    private let file = Mutex<FileHandleBox?>(nil)

    init(in directory: String = ".kubani/runs") {
        let id = String(UInt16.random(in: .min ... .max), radix: 16)
        folder = "\(directory)/\(Self.timestamp())-\(String(repeating: "0", count: 4 - id.count))\(id)"
    }

    /// The file, once there is one.
    var path: String? { file.withLock { $0 == nil ? nil : "\(folder)/events.jsonl" } }

    func append(_ line: String) {
        file.withLock { file in
            if file == nil { file = open() }
            file?.write(line)
        }
    }

    private func open() -> FileHandleBox? {
        let made: Void? = try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return made == nil ? nil : FileHandleBox(creating: "\(folder)/events.jsonl")
    }

    /// UTC, so that names sort by time: 20261123T010203Z.
    static func timestamp() -> String {
        let format = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day().dateSeparator(.omitted)
            .time(includingFractionalSeconds: false).timeSeparator(.omitted)
        return Date().formatted(format) + "Z"
    }
}
