import Model
import Report
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A run on disk, in `.kubani/runs/TIME-ID/`, readable by its owner only: `events.jsonl` for programs, and `log.txt` with
/// all that `-vvv` would show.
///
/// It is made with the first event, so that a mistyped command leaves none. Where it cannot be made there is none: a
/// run is not refused for want of a journal.
final class Journal: Sendable {
    static let runs = ".kubani/runs"

    private struct Files: Sendable {
        let events: FileHandleBox
        let log: FileHandleBox
    }

    private let wanted: String
    private let files = Mutex<Files?>(nil)

    init(in directory: String = runs) {
        let id = String(UInt16.random(in: .min ... .max), radix: 16)
        wanted =
            "\(directory)/\(Self.timestamp(toMilliseconds: true))-\(String(repeating: "0", count: 4 - id.count))\(id)"
    }

    /// The folder, once there is one.
    var folder: String? { files.withLock { $0 == nil ? nil : wanted } }

    /// - Parameters:
    ///   - line: the event as JSON.
    ///   - milliseconds: since the run began.
    func append(_ event: Event, line: String, milliseconds: Int) {
        files.withLock { files in
            if files == nil { files = open() }
            files?.events.write(line)
            files?.log.write(LogText.lines(of: event, milliseconds: milliseconds))
        }
    }

    private func open() -> Files? {
        let made: Void? = try? FileManager.default.createDirectory(
            atPath: wanted, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard made != nil, let events = FileHandleBox(creating: "\(wanted)/events.jsonl"),
            let log = FileHandleBox(creating: "\(wanted)/log.txt")
        else { return nil }
        return Files(events: events, log: log)
    }

    /// UTC, so that names sort by time: 20261123T010203Z, 20261123T010203.042Z.
    static func timestamp(toMilliseconds: Bool = false) -> String {
        let format = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day().dateSeparator(.omitted)
            .time(includingFractionalSeconds: toMilliseconds).timeSeparator(.omitted)
        return Date().formatted(format) + "Z"
    }
}
