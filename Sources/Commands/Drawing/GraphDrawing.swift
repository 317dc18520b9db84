import Model
import TaskGraph

/// A task graph as it is drawn: vertices by host and role, and the fewest edges that tell the order.
struct GraphDrawing {
    enum Kind: Sendable {
        case task
        /// Its `when` is not known before the host is.
        case conditional
        /// Its `when` does not hold.
        case skipped
    }

    struct Vertex: Sendable {
        var label: String
        var kind: Kind
        var isHandler: Bool
    }

    struct Role: Sendable {
        var name: String
        var vertices: [Int]
    }

    struct Host: Sendable {
        var name: String
        var roles: [Role]
    }

    var vertices: [Vertex]
    /// In the inventory's order; those without a task too.
    var hosts: [Host]
    var edges: [(from: Int, to: Int)]

    /// - Parameter hosts: in the inventory's order.
    init(_ graph: TaskGraph, tasks: [HostTask], hosts: [String]) {
        vertices = tasks.map { task in
            var kind = Kind.task
            if case .skipped = task.resolve(Exports()) {
                kind = .skipped
            } else if task.isConditional() {
                kind = .conditional
            }
            return Vertex(label: task.id.name, kind: kind, isHandler: task.handles != nil)
        }
        self.hosts = hosts.map { host in
            var roles: [Role] = []
            for (v, id) in graph.ids.enumerated() where id.host == host {
                if let known = roles.firstIndex(where: { $0.name == id.role }) {
                    roles[known].vertices.append(v)
                } else {
                    roles.append(Role(name: id.role, vertices: [v]))
                }
            }
            return Host(name: host, roles: roles)
        }
        edges = graph.reducedPredecessors.enumerated().flatMap { v, before in before.map { ($0, v) } }
    }
}
