/// What this machine has to log in with, where nothing names a key.
public struct LoginKeys: Sendable, Hashable {
    /// How many keys the agent holds; nil where none is named, or it does not answer.
    public var agentKeys: Int?
    /// Whether the environment names an agent.
    public var namesAgent: Bool
    /// The usual key files that are there.
    public var files: [String]

    public static func find(_ options: SSHOptions) async -> LoginKeys {
        var count: Int?
        if let socket = options.agentSocket {
            count = await Agent(socketPath: socket).identities(until: .now + .seconds(5))?.count
        }
        let files = Target.usualKeys.map { "\(options.home)/.ssh/\($0)" }.filter { path in
            if case .success = readFile(path) { true } else { false }
        }
        return LoginKeys(agentKeys: count, namesAgent: options.agentSocket != nil, files: files)
    }
}
