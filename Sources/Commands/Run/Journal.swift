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
/// It is made with the first event, so that a mistyped command leaves none. Where it cannot be made, or not be written
/// any more, that is told once, and ends the run only where that is asked for: what is there are whole lines.
final class Journal: Sendable {
    static let runs = ".kubani/runs"

    private struct Files: Sendable {
        let events: FileHandleBox
        let log: FileHandleBox
    }

    private struct State: Sendable {
        var files: Files?
        var trouble: String?
    }

    private let directory: String
    private let wanted: String
    private let state = Mutex(State())

    init(in directory: String = runs) {
        self.directory = directory
        let id = String(UInt16.random(in: .min ... .max), radix: 16)
        wanted =
            "\(directory)/\(Self.timestamp(toMilliseconds: true))-\(String(repeating: "0", count: 4 - id.count))\(id)"
    }

    /// The folder, once there is one.
    var folder: String? { state.withLock { $0.files == nil ? nil : wanted } }

    /// Why it is not there, or not whole.
    var trouble: String? { state.withLock { $0.trouble } }

    /// - Parameters:
    ///   - line: the event as JSON.
    ///   - milliseconds: since the run began.
    /// - Returns: what is wrong with the journal, the first time that it is.
    func append(_ event: Event, line: String, milliseconds: Int) -> String? {
        state.withLock { state -> String? in
            guard state.trouble == nil else { return nil }
            do throws(PrivateFolder.Refusal) {
                if state.files == nil { state.files = try open() }
                if let files = state.files,
                    let error = files.events.write(line.printable)
                        ?? files.log.write(LogText.lines(of: event, milliseconds: milliseconds).printable)
                {
                    state.trouble = "the journal \(wanted) ends here: \(error)"
                }
            } catch {
                state.trouble = "no journal was written: \(error.cause)"
            }
            return state.trouble
        }
    }

    private func open() throws(PrivateFolder.Refusal) -> Files {
        if let objection = PrivateFolder.make(wanted) { throw PrivateFolder.Refusal(objection) }
        return Files(
            events: try FileHandleBox(creating: "\(wanted)/events.jsonl"),
            log: try FileHandleBox(creating: "\(wanted)/log.txt"))
    }

    /// UTC, so that names sort by time: 20261123T010203Z, 20261123T010203.042Z.
    static func timestamp(toMilliseconds: Bool = false) -> String {
        let format = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day().dateSeparator(.omitted)
            .time(includingFractionalSeconds: toMilliseconds).timeSeparator(.omitted)
        return Date().formatted(format) + "Z"
    }
}
