import Model
import Testing

@Suite("head and tail of an output")
struct KeptOutputTests {
    private func kept(_ pieces: [String], head: Int = 4, tail: Int = 3) -> KeptOutput {
        var output = KeptOutput(head: head, tail: tail)
        for piece in pieces { output.append(Array(piece.utf8)[...]) }
        return output
    }

    @Test(
        "what is short is whole; of what is longer the middle is left out, and counted",
        arguments: [
            ([], "", 0), (["abc"], "abc", 0), (["abcd", "efg"], "abcdefg", 0), (["abcdefghij"], "abcdefghij", 0),
            (["abcdefghijk"], "abcd\n… 4 bytes are left out here …\nijk", 4),
            (["ab", "cdef", "ghij", "klmnop"], "abcd\n… 9 bytes are left out here …\nnop", 9),
        ])
    func table(pieces: [String], expected: String, omitted: Int) {
        let output = kept(pieces)
        #expect(String(decoding: output.bytes, as: UTF8.self) == expected)
        #expect(output.omitted == omitted && output.count == pieces.joined().utf8.count)
    }

    @Test("whoever shows the head while it comes is given just that, and the end afterwards")
    func shown() {
        var output = KeptOutput(head: 4, tail: 3)
        var told: [UInt8] = []
        for piece in ["abc", "defg", "hijklmnop"] { told += output.append(Array(piece.utf8)[...]) }
        #expect(String(decoding: told, as: UTF8.self) == "abcd")
        #expect(told + output.end == output.bytes)
    }

    @Test("it takes no more memory than it keeps, whatever comes")
    func bounded() {
        var output = KeptOutput(head: 1000, tail: 1000)
        let piece = [UInt8](repeating: 65, count: 777)
        for _ in 0..<10_000 { output.append(piece[...]) }
        #expect(output.bytes.count < 2100 && output.count == 7_770_000)
    }
}
