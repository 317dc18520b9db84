import Model

/// The first and last task of each role on each host, and the chain between.
struct RoleSpans {
    /// role → host → its vertices in order.
    private(set) var vertices: [String: [String: [Int]]] = [:]

    init(_ tasks: [HostTask]) {
        for (v, task) in tasks.enumerated() {
            vertices[task.id.role, default: [:]][task.id.host, default: []].append(v)
        }
    }

    func chain(_ role: String, _ host: String) -> [Int]? { vertices[role]?[host] }
}

/// Edges while a graph is being drawn.
struct EdgeSet {
    var predecessors: [Set<Int>]

    init(count: Int) { predecessors = Array(repeating: [], count: count) }

    mutating func add(_ from: Int, _ to: Int) { predecessors[to].insert(from) }

    /// A role's tasks on a host follow each other, come after the roles it names there, and, where it rolls, after the
    /// host that makes room for this one.
    /// What is done ahead of a host's turn waits for nobody; a host that does all of it ahead has no turn.
    mutating func add(role: RoleOrder, among roles: [RoleOrder], spans: RoleSpans, tasks: [HostTask]) {
        for (host, chain) in spans.vertices[role.name] ?? [:] {
            for (a, b) in zip(chain, chain.dropFirst()) { add(a, b) }
            for last in lastTasks(before: role, on: host, among: roles, spans: spans) { add(last, chain[0]) }
        }
        guard let width = role.rolling, width > 0 else { return }
        let turns = role.hosts.compactMap { host -> (first: Int, last: Int)? in
            guard let chain = spans.chain(role.name, host), let last = chain.last,
                let first = chain.first(where: { !tasks[$0].isAhead })
            else { return nil }
            return (first, last)
        }
        for (i, turn) in turns.enumerated() where i >= width { add(turns[i - width].last, turn.first) }
    }

    /// The ends of the roles that come first on this host; where one of them has no task here, of those before it.
    private func lastTasks(before role: RoleOrder, on host: String, among roles: [RoleOrder], spans: RoleSpans) -> [Int]
    {
        var found: [Int] = []
        var queue = role.after
        var seen: Set<String> = [role.name]
        while let name = queue.popLast() {
            guard seen.insert(name).inserted else { continue }
            if let last = spans.chain(name, host)?.last {
                found.append(last)
            } else {
                queue += roles.first { $0.name == name }?.after ?? []
            }
        }
        return found
    }

    /// A rolling task: the n-th host after waits for this one.
    mutating func addRollingTasks(_ tasks: [HostTask], roles: [RoleOrder]) {
        var groups: [String: [(vertex: Int, host: String, width: Int)]] = [:]
        for (v, task) in tasks.enumerated() {
            guard let width = task.rolling, width > 0 else { continue }
            // By its place in the file: its name may be another on each host.
            let place = task.origin.map(\.description) ?? task.id.name
            groups["\(task.id.role)\u{0}\(place)", default: []].append((v, task.id.host, width))
        }
        for (key, members) in groups {
            let role = key.prefix { $0 != "\u{0}" }
            let hosts = roles.first { $0.name == role }?.hosts ?? []
            let rank = Dictionary(hosts.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
            let sorted = members.sorted { (rank[$0.host] ?? .max, $0.vertex) < (rank[$1.host] ?? .max, $1.vertex) }
            for (i, member) in sorted.enumerated() where i >= member.width {
                add(sorted[i - member.width].vertex, member.vertex)
            }
        }
    }
}
