import Inventory
import Model
import OrderedCollections
import Template
import YAML

@testable import Shell

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What reads bytes that somebody else wrote, for libFuzzer: `Tests/Fuzz/run`. Only a crash, a hang or a trap is a fault;
/// an error is an answer.
private enum Reader: String, CaseIterable {
    case yaml, json, inventory, ini, template, frames

    static let chosen = Reader(rawValue: ProcessInfo.processInfo.environment["KUBANI_FUZZ"] ?? "") ?? .yaml

    func read(_ bytes: [UInt8]) {
        switch self {
        case .yaml:
            guard let nodes = try? YAML.parse(bytes, file: "fuzz.yml") else { return }
            for node in nodes { if let value = try? node.value() { _ = YAML.emit(value) } }
        case .json: if let value = try? JSON.read(bytes) { _ = JSON.line(value) }
        case .inventory: inventory(bytes, "hosts.yml")
        case .ini: inventory(bytes, "hosts.ini")
        case .template:
            let scope = PlainScope(["a": 1, "b": "text", "c": [1, 2, 3], "d": ["e": "f"]])
            let text = String(decoding: bytes, as: UTF8.self)
            _ = try? Template(parsing: text).render(in: scope)
            _ = try? Expression(parsing: text).evaluate(in: scope)
        case .frames: frames(bytes)
        }
    }

    private static let folder = FileManager.default.temporaryDirectory
        .appending(path: "kubani-fuzz-\(ProcessInfo.processInfo.processIdentifier)").path(percentEncoded: false)

    private func inventory(_ bytes: [UInt8], _ name: String) {
        try? FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
        let path = "\(Self.folder)/\(name)"
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else { return }
        guard let inventory = try? Inventory(reading: path) else { return }
        _ = try? inventory.hosts(matching: "all:!a*")
    }

    /// The same bytes, whole and cut at every place that they themselves name, must give the same answers.
    private func frames(_ bytes: [UInt8]) {
        let marker = Marker(line: [0x1E, 0x61], beat: [0x1F, 0x62])
        func events(_ pieces: [ArraySlice<UInt8>]) -> [UInt8] {
            var reader = AnswerReader(marker: marker)
            var output: [UInt8] = []
            for event in pieces.flatMap({ reader.read(Array($0), from: .stdout) }) {
                if case .output(let bytes) = event { output += bytes }
            }
            return output
        }
        guard let first = bytes.first else { return }
        let size = max(1, Int(first))
        let pieces = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
        precondition(events(pieces) == events([bytes[...]]), "cut otherwise, the answer is another")
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Reader.chosen.read(Array(UnsafeBufferPointer(start: data, count: count)))
    return 0
}
