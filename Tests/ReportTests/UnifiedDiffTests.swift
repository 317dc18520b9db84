import Foundation
import Report
import TestSupport
import Testing

@Suite struct UnifiedDiffTests {
    static let long = (1...40).map { "line \($0)\n" }.joined()

    @Test(
        "the same as diff -u prints", Needs.program("diff"),
        arguments: [
            ("", "a\n"), ("a\n", ""), ("a\n", "a"), ("a", "a\n"), ("a", "b"), ("", "a"), ("a\nb\nc\n", "a\nx\nc\n"),
            ("a\r\nb\r\n", "a\r\nc\r\n"), ("caf\u{e9}\n", "cafe\u{301}\n"), ("one\n", "zero\none\n"),
            (long, long.replacingOccurrences(of: "line 7\n", with: "")),
            (
                long,
                long.replacingOccurrences(of: "line 7\n", with: "seven\n").replacingOccurrences(of: "14", with: "x")
            ),
            (
                long,
                long.replacingOccurrences(of: "line 7\n", with: "seven\n").replacingOccurrences(of: "15", with: "x")
            ),
            (long, "first\n" + long + "last\n"), (long, long + "no end"),
        ])
    func asDiff(old: String, new: String) async throws {
        let folder = try Folder()
        defer { folder.remove() }
        try old.write(toFile: folder.path("a"), atomically: false, encoding: .utf8)
        try new.write(toFile: folder.path("b"), atomically: false, encoding: .utf8)
        let diff = try await Program.run("diff", ["-u", folder.path("a"), folder.path("b")])
        let hunks = diff.stdout.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropFirst(2)
            .map { String(decoding: Array($0), as: UTF8.self) }.joined(separator: "\n")
        #expect(Array(UnifiedDiff.text(from: old, to: new).utf8) == Array(hunks.utf8))
    }

    @Test("equal texts have no diff")
    func equal() { #expect(UnifiedDiff.text(from: Self.long, to: Self.long) == "") }

    @Test("fewer lines of context", arguments: [0, 1])
    func context(lines: Int) {
        let diff = UnifiedDiff.lines(from: "a\nb\nc\nd\n", to: "a\nb\nx\nd\n", context: lines)
        #expect(diff == (lines == 0 ? ["@@ -3 +3 @@", "-c", "+x"] : ["@@ -2,3 +2,3 @@", " b", "-c", "+x", " d"]))
    }

    @Test("texts that have nothing in common are one replaced by the other, in no time to speak of")
    func huge() {
        let old = (0..<30_000).map { "old \($0)\n" }.joined()
        let new = (0..<30_000).map { "new \($0)\n" }.joined()
        let time = processorTime { #expect(UnifiedDiff.lines(from: old, to: new).count == 60_001) }
        // Seconds in a debug build; what grows with the square of the lines takes minutes.
        #expect(time < .seconds(10))
    }
}

@Suite struct UnifiedDiffPropertyTests {
    @Test("patch makes the new text of the old one", Needs.program("patch"))
    func patch() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        var random = SystemRandomNumberGenerator()
        var script = "set -e\n"
        var cases: [(String, String)] = []
        for index in 0..<150 {
            let old = Self.text(&random, letters: index < 100 ? 4 : 40)
            // Half of the new texts are edits of the old one, so that hunks stand apart.
            let new = index % 2 == 0 ? Self.text(&random, letters: 4) : Self.edited(old, &random)
            let diff = UnifiedDiff.text(from: old, to: new, context: index % 4)
            if diff.isEmpty { continue }
            cases.append((old, new))
            try old.write(toFile: folder.path("\(index).old"), atomically: false, encoding: .utf8)
            try new.write(toFile: folder.path("\(index).want"), atomically: false, encoding: .utf8)
            try ("--- a\n+++ b\n" + diff).write(
                toFile: folder.path("\(index).diff"), atomically: false, encoding: .utf8)
            script += "patch -s --binary -o \(index).new \(index).old <\(index).diff; cmp \(index).new \(index).want\n"
        }
        #expect(cases.count > 100)
        let result = try await Program.run("sh", ["-c", script], directory: folder.root)
        #expect(result.status == 0, "\(result.stdout) \(result.stderr)")
    }

    static func text(_ random: inout SystemRandomNumberGenerator, letters: Int) -> String {
        let lines = (0..<Int.random(in: 0...30, using: &random)).map { _ in
            "l\(Int.random(in: 0..<letters, using: &random))"
        }
        return lines.joined(separator: "\n") + (Bool.random(using: &random) ? "\n" : "")
    }

    static func edited(_ text: String, _ random: inout SystemRandomNumberGenerator) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<3 {
            let at = Int.random(in: 0..<lines.count, using: &random)
            if Bool.random(using: &random) { lines[at] = "edited" } else { lines.insert("added", at: at) }
        }
        return lines.joined(separator: "\n")
    }
}

/// A directory of a test's own.
struct Folder {
    let root: String

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: "kubani-\(UUID().uuidString)")
            .path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    func path(_ name: String) -> String { root + "/" + name }
    func remove() { try? FileManager.default.removeItem(atPath: root) }
}
