import Foundation
import TestSupport

/// A client that asks a cluster's API without a rest, at one server after the other until one answers, as a client
/// behind a load balancer would have it.
actor APIPoller {
    private var longest: Duration = .zero
    private(set) var answers = 0
    private var last = ContinuousClock.now
    private var polling: Task<Void, any Error>?

    /// - Parameters:
    ///   - servers: addresses.
    ///   - folder: holds ca.crt, client.crt and client.key.
    func start(_ servers: [String], folder: String) {
        last = .now
        polling = Task {
            var current = 0
            while !Task.isCancelled {
                let answer = try await Program.run(
                    "curl",
                    [
                        "-s", "-f", "-m", "1", "--cacert", "\(folder)/ca.crt", "--cert", "\(folder)/client.crt",
                        "--key",
                        "\(folder)/client.key", "https://\(servers[current]):6443/api/v1/namespaces/default",
                    ])
                if answer.status == 0 { answered() } else { current = (current + 1) % servers.count }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private func answered() {
        longest = max(longest, .now - last)
        last = .now
        answers += 1
    }

    /// The longest time without an answer.
    func stop() -> Duration {
        polling?.cancel()
        return max(longest, .now - last)
    }
}
