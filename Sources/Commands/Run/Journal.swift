import Model
import Report

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A run's events on disk, `.kubani/runs/TIME-ID/events.jsonl`, readable by its owner only.
final class Journal: Sendable {
    let folder: String
    private let file: FileHandleBox

    /// nil where the folder cannot be made: a run is not refused for want of a journal.
    init?(in directory: String = ".kubani/runs") {
        let id = String(UInt16.random(in: .min ... .max), radix: 16)
        folder = "\(directory)/\(Self.timestamp())-\(String(repeating: "0", count: 4 - id.count))\(id)"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            return nil
        }
        guard let file = FileHandleBox(creating: "\(folder)/events.jsonl") else { return nil }
        self.file = file
    }

    func append(_ line: String) { file.write(line) }

    /// UTC, so that names sort by time: 20261123T010203Z.
    private static func timestamp() -> String {
        let format = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day().dateSeparator(.omitted)
            .time(includingFractionalSeconds: false).timeSeparator(.omitted)
        return Date().formatted(format) + "Z"
    }
}
