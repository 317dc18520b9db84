import Model

/// Work that many may ask for and that is done once. It goes on as long as one of them waits for it.
actor SharedWork<Output: Sendable> {
    typealias Waiter = CheckedContinuation<Result<Output, Failure>, Never>

    private struct Work {
        var number: UInt64
        var task: Task<Void, Never>
        var waiters: [UInt64: Waiter] = [:]
    }

    private var works: [String: Work] = [:]
    private var last: UInt64 = 0

    /// What the work gives, whoever began it.
    ///
    /// - Parameter key: what tells one work from another.
    func output(
        of key: String, _ body: @escaping @Sendable () async throws(Failure) -> Output
    ) async throws(Failure) -> Output {
        last += 1
        let id = last
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                if works[key] == nil { works[key] = Work(number: id, task: begin(key, id, body)) }
                works[key]?.waiters[id] = waiter
            }
        } onCancel: {
            Task { await self.leave(key, id) }
        }
        return try result.get()
    }

    private func begin(
        _ key: String, _ number: UInt64, _ body: @escaping @Sendable () async throws(Failure) -> Output
    ) -> Task<Void, Never> {
        Task.detached {
            let result: Result<Output, Failure>
            do throws(Failure) { result = .success(try await body()) } catch { result = .failure(error) }
            await self.finish(key, number, result)
        }
    }

    private func finish(_ key: String, _ number: UInt64, _ result: Result<Output, Failure>) {
        guard let work = works[key], work.number == number else { return }
        works[key] = nil
        for waiter in work.waiters.values { waiter.resume(returning: result) }
    }

    private func leave(_ key: String, _ id: UInt64) {
        guard let waiter = works[key]?.waiters.removeValue(forKey: id) else { return }
        waiter.resume(returning: .failure(Failure(.cancelled, deed: "wait for \(key)", cause: "cancelled")))
        if let work = works[key], work.waiters.isEmpty {
            works[key] = nil
            work.task.cancel()
        }
    }
}
