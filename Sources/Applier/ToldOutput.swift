import Model
import Synchronization

/// What a task's scripts print, as it is told to whoever watches and to the journal: the head as it comes, of what is
/// longer how much is left out, and its end.
final class ToldOutput: Sendable {
    /// Of each stream of a step.
    private static let head = 1 << 18
    private static let tail = 1 << 16

    private struct Key: Hashable {
        var step: Int
        var stream: OutputStream
    }

    private let outputs = Mutex<[Key: KeptOutput]>([:])
    private let tell: @Sendable (OutputStream, String) -> Void

    init(tell: @escaping @Sendable (OutputStream, String) -> Void) { self.tell = tell }

    func append(_ bytes: ArraySlice<UInt8>, _ step: Int, _ stream: OutputStream) {
        let new = KeptOutput(head: Self.head, tail: Self.tail)
        say(outputs.withLock { $0[Key(step: step, stream: stream), default: new].append(bytes) }, stream)
    }

    /// Tells what was held back.
    func finish() {
        let all = outputs.withLock { outputs in
            defer { outputs = [:] }
            return outputs.sorted { ($0.key.step, $0.key.stream.rawValue) < ($1.key.step, $1.key.stream.rawValue) }
        }
        for (key, output) in all { say(output.end[...], key.stream) }
    }

    private func say(_ bytes: ArraySlice<UInt8>, _ stream: OutputStream) {
        if !bytes.isEmpty { tell(stream, String(decoding: bytes, as: UTF8.self)) }
    }
}
