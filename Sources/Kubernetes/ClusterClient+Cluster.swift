import Model

/// The API as resource kinds see it: questions before a comparison, deeds after it.
extension ClusterClient: Cluster {
    public func answer(_ questions: [ClusterQuestion]) async -> [Result<ClusterAnswer, Failure>] {
        await withTaskGroup(of: (Int, Result<ClusterAnswer, Failure>).self) { group in
            for (i, question) in questions.enumerated() {
                group.addTask {
                    do throws(Failure) {
                        let answer = try await self.answer(question)
                        return (i, .success(answer))
                    } catch {
                        return (i, .failure(error))
                    }
                }
            }
            var answers: [Int: Result<ClusterAnswer, Failure>] = [:]
            for await (i, answer) in group { answers[i] = answer }
            return questions.indices.compactMap { answers[$0] }
        }
    }

    private func answer(_ question: ClusterQuestion) async throws(Failure) -> ClusterAnswer {
        switch question {
        case .list(let path): return .list(try await list(path))
        case .object(let path): return .object(try await object(path))
        case .manifest(let manifest):
            let (live, applied) = try await preview(manifest)
            return .manifest(live: live, applied: applied)
        }
    }

    public func perform(_ deed: ClusterDeed, tell: @escaping @Sendable (String) -> Void) async throws(Failure) {
        switch deed {
        case .patch(let path, .merge, let body): try await patch(path, .merge, body)
        case .patch(let path, .json, let body): try await patch(path, .json, body)
        case .apply(let manifest): try await apply(manifest, force: true)
        case .delete(let path): try await delete(path)
        case .deleteManifest(let manifest): try await delete(manifest: manifest)
        case .drain(let order): try await drain(order, tell: tell)
        case .wait(let goal, let timeout): try await wait(for: goal, timeout: timeout, tell: tell)
        }
    }

    /// The annotations tell a later run whose cordon it is, and that nothing is left to move.
    private func drain(_ order: DrainOrder, tell: @escaping @Sendable (String) -> Void) async throws(Failure) {
        var options = DrainOptions()
        options.timeout = order.timeout
        let reason = Value.string(order.reason)
        try await drain(
            node: order.node, options: options, annotations: order.isCordoned ? [:] : [NodeAnnotation.cordoned: reason],
            tell: tell)
        try await setSchedulable(false, node: order.node, annotations: [NodeAnnotation.drained: reason])
    }
}
