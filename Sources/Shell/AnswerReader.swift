import Model

/// Tells the driver's lines from the commands' output on both streams. A value without I/O: pieces go in, events come
/// out, however the pieces were cut.
struct AnswerReader: Sendable {
    enum Event: Sendable, Hashable {
        /// The driver runs. What came before is noise of the login shell, or of what failed.
        case ready
        case began(Int)
        case output([UInt8])
        case ended(Int, status: Int32)
        /// A process that an earlier command left behind still holds the output.
        case note(String)
        /// The node's lock is another run's by now, and the driver has ended.
        case robbed(by: String)
        /// Outside any answer.
        case noise([UInt8])
    }

    private var streams: [OutputStream: Stream]

    init(marker: Marker) {
        streams = [
            .stdout: Stream(line: marker.line, beat: marker.beat), .stderr: Stream(line: marker.line, beat: nil),
        ]
    }

    mutating func read(_ bytes: [UInt8], from stream: OutputStream) -> [Event] {
        streams[stream]?.read(bytes) ?? []
    }

    /// What is held back because it may be the beginning of a marker; asked for when a stream has ended.
    func rest(of stream: OutputStream) -> [UInt8] { (streams[stream]?.beats ?? []) + (streams[stream]?.held ?? []) }

    private struct Stream: Sendable {
        static let longestLine = 1 << 16

        let line: [UInt8]
        let beat: [UInt8]?
        /// The end of the last piece, where it may be the beginning of a beat.
        var beats: [UInt8] = []
        /// The end of the last piece, where it may be the beginning of a line of the driver's.
        var held: [UInt8] = []
        var isInside = false

        mutating func read(_ piece: [UInt8]) -> [Event] {
            guard let beat else { return parse(piece) }
            // A beat may fall anywhere, even inside a line of the driver's: it is taken out first.
            var bytes = beats.isEmpty ? piece : beats + piece
            beats = []
            var clean: [UInt8] = []
            var start = 0
            while let (index, isWhole) = bytes.place(of: beat, from: start) {
                guard isWhole else {
                    beats = Array(bytes[index...])
                    bytes.removeSubrange(index...)
                    break
                }
                clean += bytes[start..<index]
                start = index + beat.count
            }
            return parse(start == 0 ? bytes : clean + bytes[start...])
        }

        private mutating func parse(_ piece: [UInt8]) -> [Event] {
            let bytes = held.isEmpty ? piece : held + piece
            held = []
            var events: [Event] = []
            var start = 0
            while start < bytes.count {
                guard let (index, isWhole) = bytes.place(of: line, from: start) else {
                    pass(bytes[start...], into: &events)
                    break
                }
                pass(bytes[start..<index], into: &events)
                guard isWhole, let end = bytes[(index + line.count)...].firstIndex(of: UInt8(ascii: "\n")) else {
                    // No line of the driver's is that long: what never ends is not kept.
                    if bytes.count - index < Self.longestLine { held = Array(bytes[index...]) }
                    break
                }
                take(bytes[(index + line.count)..<end], into: &events)
                start = end + 1
            }
            return events
        }

        private func pass(_ bytes: ArraySlice<UInt8>, into events: inout [Event]) {
            if !bytes.isEmpty { events.append(isInside ? .output(Array(bytes)) : .noise(Array(bytes))) }
        }

        private mutating func take(_ text: ArraySlice<UInt8>, into events: inout [Event]) {
            let words = String(decoding: text, as: UTF8.self).split(separator: " ", maxSplits: 2)
            let id = words.count > 1 ? Int(words[1]) : nil
            switch (words.first, id) {
            case ("r", _): events.append(.ready)
            case ("b", let id?):
                isInside = true
                events.append(.began(id))
            case ("e", let id?):
                isInside = false
                events.append(.ended(id, status: words.count > 2 ? Int32(words[2]) ?? -1 : -1))
            case ("k", _): events.append(.robbed(by: words.dropFirst().joined(separator: " ")))
            case ("n", _): events.append(.note(words.dropFirst().joined(separator: " ")))
            default: break
            }
        }
    }
}
