import Model
import Testing

@testable import Shell

@Suite("the answers' reader")
struct AnswerReaderTests {
    let marker = Marker(line: Array("\u{1E}0123".utf8), beat: Array("\u{1F}beat".utf8))

    /// The events of one stream, with neighbouring pieces of output joined.
    func events(_ text: String, from stream: OutputStream = .stdout, pieceLength: Int) -> [AnswerReader.Event] {
        var reader = AnswerReader(marker: marker)
        var events: [AnswerReader.Event] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieceLength) {
            let piece = Array(bytes[start..<min(start + pieceLength, bytes.count)])
            for event in reader.read(piece, from: stream) {
                switch (events.last, event) {
                case (.output(let a)?, .output(let b)): events[events.count - 1] = .output(a + b)
                case (.noise(let a)?, .noise(let b)): events[events.count - 1] = .noise(a + b)
                default: events.append(event)
                }
            }
        }
        return events
    }

    static let answer =
        "Welcome!\n\u{1E}0123 r\n\u{1F}beat\u{1E}0123 b 1\nout\u{1F}\u{1F}\u{1F}bea \u{1E}012\nno newline\u{1E}0123 e 1 7\nstray"
        + "\u{1E}0123 b 2\n\u{1E}01\u{1F}beat23 e 2 0\n"

    @Test("reads the same however the pieces are cut", arguments: 1...60)
    func pieces(_ length: Int) {
        #expect(
            events(Self.answer, pieceLength: length) == [
                .noise(Array("Welcome!\n".utf8)), .ready, .began(1),
                .output(Array("out\u{1F}\u{1F}\u{1F}bea \u{1E}012\nno newline".utf8)), .ended(1, status: 7),
                .noise(Array("stray".utf8)), .began(2), .ended(2, status: 0),
            ])
    }

    @Test("a note names the process that was left behind")
    func note() {
        #expect(events("\u{1E}0123 n 17 sleep\n", from: .stderr, pieceLength: 3) == [.note("17 sleep")])
    }

    @Test("what looks like another connection's lines is output")
    func otherMarker() {
        let text = "\u{1E}0123 b 1\n\u{1E}9999 e 1 0\n\u{1F}0000"
        #expect(
            events(text + "x", pieceLength: 5) == [.began(1), .output(Array("\u{1E}9999 e 1 0\n\u{1F}0000x".utf8))])
    }

    @Test("a chain ends with its first failure, and 137 past the deadline is a passed deadline")
    func chains() {
        func request(_ id: Int) -> Exchange.Request {
            .init(id: id, step: id - 1, deadline: .seconds(5), isScript: true)
        }
        var exchange = Exchange([request(1), request(2), request(3)], isHandled: false)
        func answer(_ id: Int, _ status: Int32, after elapsed: Duration) {
            for stream in [OutputStream.stdout, .stderr] {
                _ = exchange.take(.began(id), from: stream, elapsed: elapsed)
                _ = exchange.take(.output([65]), from: stream, elapsed: elapsed)
                _ = exchange.take(.ended(id, status: status), from: stream, elapsed: elapsed)
            }
        }
        answer(1, 0, after: .seconds(1))
        #expect(exchange.awaited?.id == 2)
        answer(2, 137, after: .seconds(10))
        #expect(exchange.awaited == nil)
        #expect(
            exchange.outcomes == [
                Outcome(status: 0, stdout: [65], stderr: [65]), Outcome(status: 124, stdout: [65], stderr: [65]),
            ])
    }

    @Test("one stream may be an answer ahead of the other")
    func streamsApart() {
        var exchange = Exchange(
            [1, 2].map { .init(id: $0, step: $0, deadline: .seconds(5), isScript: true) }, isHandled: false)
        for stream in [OutputStream.stdout, .stderr] {
            for id in 1...2 {
                _ = exchange.take(.began(id), from: stream, elapsed: .zero)
                _ = exchange.take(.output([UInt8(id)]), from: stream, elapsed: .zero)
                _ = exchange.take(.ended(id, status: 0), from: stream, elapsed: .zero)
            }
        }
        #expect(exchange.awaited == nil)
        #expect(exchange.outcomes.map(\.stdout) == [[1], [2]])
        #expect(exchange.outcomes.map(\.stderr) == [[1], [2]])
    }
}
