import Model
import Planner

/// Performs steps in order, each where it belongs: in the node's shell, in the laptop's, or at the cluster's API. Those
/// that follow one another at one place travel together.
struct StepRunner: Sendable {
    struct PlacedStep: Sendable {
        var place: Place
        var step: Step
    }

    let reach: Reach
    let onOutput: OutputHandler

    /// - Returns: an outcome a step; after the first that fails the rest are not run, and the outcomes end with it.
    func perform(_ steps: [PlacedStep]) async throws(Failure) -> [Outcome] {
        var outcomes: [Outcome] = []
        while outcomes.count < steps.count {
            let start = outcomes.count
            let place = steps[start].place
            let batch = steps[start...].prefix { $0.place == place }.map(\.step)
            let done = try await perform(batch, at: place, from: start)
            outcomes += done
            if done.count < batch.count || done.last?.succeeded == false { break }
        }
        return outcomes
    }

    private func perform(_ steps: [Step], at place: Place, from start: Int) async throws(Failure) -> [Outcome] {
        let told: OutputHandler = { [onOutput] step, stream, bytes in onOutput(start + step, stream, bytes) }
        switch place {
        case .node(let host):
            guard let shell = reach.shells[host] else {
                throw Failure(.unreachable, host: host, deed: "send a request", cause: "it is not connected")
            }
            return try await shell.perform(try await fetched(steps), onOutput: told)
        case .laptop: return try await reach.laptop.perform(try await fetched(steps), onOutput: told)
        case .cluster(let access):
            let cluster = await reach.cluster(access)
            var outcomes: [Outcome] = []
            for (i, step) in steps.enumerated() {
                guard case .cluster(let deed) = step else {
                    throw Failure(deed: "ask the cluster's API", cause: "a script is not the API's to run")
                }
                try await cluster.perform(deed) { line in told(i, .stdout, Array("\(line)\n".utf8)[...]) }
                outcomes.append(Outcome(status: 0))
            }
            return outcomes
        }
    }

    /// The steps with the files of the network fetched to the laptop.
    private func fetched(_ steps: [Step]) async throws(Failure) -> [Step] {
        var out: [Step] = []
        for step in steps {
            if case .write(var write) = step, case .fetched(let url, let sha256) = write.content {
                let (path, length) = try await reach.artifacts.file(url: url, sha256: sha256)
                write.content = .local(path: path, length: length, sha256: sha256)
                out.append(.write(write))
            } else {
                out.append(step)
            }
        }
        return out
    }
}
