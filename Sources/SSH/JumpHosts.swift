import Model

/// One connection to each jump host, for all the hosts behind it.
actor JumpHosts {
    struct Key: Hashable, Sendable {
        var hops: [Hop]
        var keyFile: String?
        /// `-F`: another configuration may know another machine by the name.
        var configFile: String?
    }

    private var opened: [Key: Task<Result<SSHConnection, Failure>, Never>] = [:]

    /// The open connection, or a new one where there is none or it was lost.
    func connection(
        _ key: Key, open: @escaping @Sendable () async throws(Failure) -> SSHConnection
    ) async throws(Failure) -> SSHConnection {
        if let task = opened[key] {
            if case .success(let connection) = await task.value, await connection.isAlive { return connection }
            if opened[key] == task { opened[key] = nil }
        }
        let task =
            opened[key]
            ?? Task { () -> Result<SSHConnection, Failure> in
                do throws(Failure) { return .success(try await open()) } catch { return .failure(error) }
            }
        opened[key] = task
        return try await task.value.get()
    }
}
