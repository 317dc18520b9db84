import Model
import TestSupport
import Testing

@Suite("Quoting, against real shells") struct QuotingPropertyTests {
    /// What means something to one shell or another, and what is told apart from it by a byte.
    static let pieces: [Unicode.Scalar] =
        Array("'\"\\$`!*?[]{}()<>|&;#~=%^@+-_,.:/ \t\n\r aZ09éß€𝄞".unicodeScalars)
        + [0x01, 0x07, 0x1B, 0x7F, 0x80, 0xA0, 0x2028, 0xFEFF, 0x10FFFF].compactMap(Unicode.Scalar.init)

    static func text(_ random: inout SystemRandomNumberGenerator) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...24, using: &random) {
            text.append(pieces[Int.random(in: 0..<pieces.count, using: &random)])
        }
        return String(text)
    }

    @Test(
        "any string without NUL comes back unchanged, as a word and among others", Needs.program("dash"),
        Needs.program("bash"), Needs.program("busybox"),
        arguments: [["dash", "-s"], ["bash", "-s"], ["busybox", "sh", "-s"]])
    func roundTrip(shell: [String]) async throws {
        var random = SystemRandomNumberGenerator()
        let edges = ["", "'", "''", "\\", "-n", "--", "~", "a\n", "\n", "$(id)", "`id`", "!!", "it's"]
        let words = edges + (0..<2000).map { _ in Self.text(&random) }
        var script: Script = ""
        for word in words { script = script + "printf '%s\\0' \(word)\n" }
        script = script + "printf '%s\\0' \(words)"
        let run = try await Program.run(shell[0], Array(shell.dropFirst()), stdin: script.text)
        #expect(run.status == 0, "\(run.stderr)")
        let back = run.stdout.utf8.split(separator: 0, omittingEmptySubsequences: false).dropLast().map(Array.init)
        let sent = (words + words).map { Array($0.utf8) }
        #expect(back.count == sent.count)
        for (came, went) in zip(back, sent) where came != went {
            Issue.record("\(went) came back as \(came)")
            return
        }
    }
}
