import Model
import Synchronization

/// How far a node has come with a script of several looks, heard from its answer as it arrives, so that people can be
/// told what is waited for.
final class LookProgress: Sendable {
    /// A part of the script: what stands at its end, and what it looks at.
    struct Part: Sendable {
        var marker: String
        var name: String
    }

    private struct State: Sendable {
        var done = 0
        /// What came since the last marker, as far as one may have begun in it.
        var rest: [UInt8] = []
    }

    /// How long a look may take before people are told.
    static let patience: Duration = .seconds(5)

    private let parts: [Part]
    private let state = Mutex(State())

    /// - Parameter parts: in the script's order.
    init(_ parts: [Part]) { self.parts = parts }

    /// What is being looked at; nil when all has been answered.
    var current: String? { state.withLock { $0.done < parts.count ? parts[$0.done].name : nil } }

    func hear(_ bytes: ArraySlice<UInt8>) {
        state.withLock { state in
            state.rest += bytes
            while state.done < parts.count {
                let marker = Array(parts[state.done].marker.utf8)
                guard let found = state.rest.firstRange(of: marker) else {
                    state.rest.removeFirst(max(0, state.rest.count - marker.count + 1))
                    return
                }
                state.done += 1
                state.rest.removeSubrange(..<found.upperBound)
            }
            state.rest = []
        }
    }

    /// Runs the script, and tells of each part that takes long.
    func watch<T: Sendable>(
        _ host: String, tell: @escaping @Sendable (Event) -> Void, _ work: () async throws(Failure) -> T
    ) async throws(Failure) -> T {
        let watching = Task { [self] in
            var last: (name: String, isTold: Bool)?
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.patience)
                guard !Task.isCancelled, let name = current else { return }
                if last?.name != name { last = (name, false) }
                if last?.isTold == false { tell(.looking(host: host, at: name)) }
                last?.isTold = true
            }
        }
        defer { watching.cancel() }
        return try await work()
    }
}
