import Model
import OrderedCollections

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One drain of a cordoned node, from its first look to the last pod's end.
struct DrainRun {
    let client: ClusterClient
    let node: String
    let options: DrainOptions
    let deadline: ContinuousClock.Instant
    let tell: @Sendable (String) -> Void

    private enum State {
        /// To be asked to leave, not before a moment; and what held it last.
        case held(ContinuousClock.Instant, String?)
        case leaving
        case failed(Failure)
    }

    private var states: OrderedDictionary<PodReference, State> = [:]

    init(
        client: ClusterClient, node: String, options: DrainOptions, deadline: ContinuousClock.Instant,
        tell: @escaping @Sendable (String) -> Void
    ) {
        self.client = client
        self.node = node
        self.options = options
        self.deadline = deadline
        self.tell = tell
    }

    private static let pollEvery = Duration.seconds(1)
    private static let atOnce = 8

    mutating func run() async throws(Failure) {
        let choice = DrainChoice(
            pods: try await pods(), daemonSets: try await daemonSets(), isLost: isLost)
        for kept in choice.kept { tell("\(kept.pod) stays: \(kept.reason.rawValue)") }
        for pod in choice.leaving { states[pod] = .held(.now, nil) }
        while !states.isEmpty {
            try await evictDue()
            try await forgetGone()
            if states.isEmpty { break }
            if states.values.allSatisfy({ if case .failed = $0 { true } else { false } }) { throw failures() }
            guard ContinuousClock.now < deadline else { throw try await timeIsUp() }
            do { try await Task.sleep(until: min(deadline, .now + Self.pollEvery)) } catch {
                throw Failure(.cancelled, deed: deed, cause: "cancelled")
            }
        }
        tell("drained")
    }

    private var deed: String { "drain \(node)" }

    private func pods() async throws(Failure) -> [Value] {
        try await client.listing("/api/v1/pods", [("fieldSelector", "spec.nodeName=\(node)")], until: limit).items
    }

    /// A last look may take a little longer than the drain.
    private var limit: ContinuousClock.Instant { deadline + .seconds(10) }

    private func daemonSets() async throws(Failure) -> Set<String> {
        Set(
            try await client.listing("/apis/apps/v1/daemonsets", until: limit).items.map { one in
                let pod = PodReference(one)
                return "\(pod.namespace)/\(pod.name)"
            })
    }

    private var isLost: (String) -> Bool {
        guard let limit = options.forgetsPodsTerminatingFor else { return { _ in false } }
        return { deletedAt in
            guard let moment = try? Date(deletedAt, strategy: .iso8601) else { return false }
            return Date.now.timeIntervalSince(moment) > Double(limit.seconds)
        }
    }

    // MARK: - Eviction

    private mutating func evictDue() async throws(Failure) {
        let now = ContinuousClock.now
        var due = states.filter { if case .held(let moment, _) = $0.value { moment <= now } else { false } }.keys[...]
        while !due.isEmpty {
            let (client, options) = (client, options)
            let some = due.prefix(Self.atOnce)
            due = due.dropFirst(Self.atOnce)
            let answers = await withTaskGroup(of: (PodReference, Result<Eviction, Failure>).self) { group in
                for pod in some { group.addTask { (pod, await Self.ask(pod, client, options)) } }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            for pod in some { if let answer = answers[pod] { take(answer, of: pod) } }
            if Task.isCancelled { throw Failure(.cancelled, deed: deed, cause: "cancelled") }
        }
    }

    private static func ask(
        _ pod: PodReference, _ client: ClusterClient, _ options: DrainOptions
    ) async -> Result<Eviction, Failure> {
        do throws(Failure) {
            if options.disablesEviction {
                let isThere = try await client.delete(pod.path, gracePeriod: options.gracePeriod, uid: pod.uid)
                return .success(isThere ? .granted : .gone)
            }
            return .success(
                try await client.evict(
                    namespace: pod.namespace, name: pod.name, gracePeriod: options.gracePeriod, uid: pod.uid))
        } catch {
            return .failure(error)
        }
    }

    private mutating func take(_ answer: Result<Eviction, Failure>, of pod: PodReference) {
        switch answer {
        case .success(.gone): states[pod] = nil
        case .success(.granted), .success(.leaving):
            tell("\(pod) leaves")
            states[pod] = .leaving
        case .success(.blocked(let why)):
            if case .held(_, let before)? = states[pod], before != why { tell("\(pod) is held: \(why)") }
            states[pod] = .held(.now + options.retryEvery, why)
        case .failure(let failure):
            tell("\(pod): \(failure.cause)")
            states[pod] = .failed(failure)
        }
    }

    /// A pod that has gone is not looked for by its name: another may have taken it.
    private mutating func forgetGone() async throws(Failure) {
        let there = Dictionary(try await pods().map { (PodReference($0), $0) }) { $1 }
        for (pod, state) in states {
            let isLost = there[pod]?["metadata"]?["deletionTimestamp"]?.string.map(isLost) ?? false
            guard there[pod] == nil || isLost else { continue }
            if case .leaving = state { tell("\(pod) is \(isLost ? "not waited for any longer" : "gone")") }
            states[pod] = nil
        }
    }

    // MARK: - Failures

    private func failures() -> Failure {
        let all = states.compactMap { pod, state -> (PodReference, Failure)? in
            if case .failed(let failure) = state { (pod, failure) } else { nil }
        }
        var first = all[0].1
        first.deed = deed
        first.cause = all.map { "\($0.0): \($0.1.cause)" }.joined(separator: "; ")
        return first
    }

    private func timeIsUp() async throws(Failure) -> Failure {
        var lines: [String] = []
        var budgets: Set<String> = []
        let pods = Dictionary(try await pods().map { (PodReference($0), $0) }) { $1 }
        let known = (try? await self.budgets()) ?? []
        for (pod, state) in states {
            switch state {
            case .leaving: lines.append("\(pod) has not ended yet")
            case .failed(let failure): lines.append("\(pod): \(failure.cause)")
            case .held(_, let why):
                let holding = known.filter { budget in pods[pod].map(budget.holds) ?? false }.map(\.name)
                budgets.formUnion(holding.map { "\(pod.namespace)/\($0)" })
                let who = holding.isEmpty ? "" : " by the PodDisruptionBudget \(holding.joined(separator: " and "))"
                lines.append("\(pod) is held\(who): \(why ?? "it was not asked yet")")
            }
        }
        let names = budgets.sorted().joined(separator: ", ")
        return Failure(
            .timedOut, deed: deed,
            cause:
                "after \(options.timeout.seconds) s \(lines.count == 1 ? "a pod is" : "\(lines.count) pods are") left",
            detail: lines.joined(separator: "\n"),
            hint: budgets.isEmpty
                ? "kubectl describe pod tells what it waits for"
                : "let more pods of it run elsewhere, or loosen the budget: \(names)")
    }

    private func budgets() async throws(Failure) -> [DisruptionBudget] {
        for version in ["policy/v1", "policy/v1beta1"] {
            guard let resource = try await client.resource(apiVersion: version, kind: "PodDisruptionBudget") else {
                continue
            }
            return try await client.list(resource.path(namespace: nil)).map(DisruptionBudget.init)
        }
        return []
    }
}
