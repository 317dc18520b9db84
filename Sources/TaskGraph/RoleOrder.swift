/// What the graph needs to know of a role beyond its tasks.
public struct RoleOrder: Sendable, Hashable {
    public var name: String
    /// Roles whose tasks on the same host come first.
    public var after: [String]
    /// How many hosts at a time may go through the role; nil for all.
    public var rolling: Int?
    /// Its hosts in the inventory's order: the order in which a rolling role takes them.
    public var hosts: [String]

    public init(name: String, after: [String] = [], rolling: Int? = nil, hosts: [String] = []) {
        self.name = name
        self.after = after
        self.rolling = rolling
        self.hosts = hosts
    }
}
