import Model
import TaskGraph
import Testing

@Suite struct TaskGraphTests {
    /// Where each task stands in the graph's order, by host and role and position.
    private func places(_ graph: TaskGraph) -> [String: Int] {
        Dictionary(
            uniqueKeysWithValues: graph.order.enumerated().map { place, v in
                ("\(graph.ids[v].host) \(graph.ids[v].role) \(graph.ids[v].position)", place)
            })
    }

    @Test("a role's tasks on a host follow each other")
    func chain() throws {
        let graph = try TaskGraph(
            tasks: [task("a", "r", 0), task("a", "r", 1), task("a", "r", 2)], roles: [RoleOrder(name: "r")])
        #expect(graph.predecessors == [[], [0], [1]])
        #expect(graph.order == [0, 1, 2])
    }

    @Test("a reduced graph leaves out what follows from its other edges, and nothing else")
    func reduction() throws {
        // a0 → a1 → a2 exports to b0; b0 also hangs on a0 and a1, and b1 on a0.
        func export(_ name: String) -> [Export] { [Export(host: "a", name: name, read: ":", isSensitive: false)] }
        let tasks = [
            task("a", "r", 0, exports: export("x")), task("a", "r", 1, exports: export("y")),
            task("a", "r", 2, exports: export("z")),
            task("b", "r", 0), task("b", "r", 1), task("c", "r", 0),
        ]
        let graph = try TaskGraph(
            tasks: tasks, roles: [RoleOrder(name: "r")],
            references: [[], [], [], ["a/x", "a/y", "a/z"], ["a/x"], ["a/y"]])
        #expect(graph.predecessors == [[], [0], [1], [0, 1, 2], [0, 3], [1]])
        #expect(graph.reducedPredecessors == [[], [0], [1], [2], [3], [1]])
    }

    @Test("a role comes after those it names on the same host, and waits for no other host")
    func after() throws {
        let tasks = [task("a", "first", 0), task("b", "first", 0), task("a", "second", 0)]
        let graph = try TaskGraph(
            tasks: tasks, roles: [RoleOrder(name: "first"), RoleOrder(name: "second", after: ["first"])])
        #expect(graph.predecessors == [[], [], [0]])
    }

    @Test("where a named role has no task on the host, those before it count")
    func afterThroughAbsent() throws {
        let tasks = [task("a", "first", 0), task("a", "third", 0)]
        let graph = try TaskGraph(
            tasks: tasks,
            roles: [
                RoleOrder(name: "first"), RoleOrder(name: "second", after: ["first"]),
                RoleOrder(name: "third", after: ["second"]),
            ])
        #expect(graph.predecessors[1] == [0])
    }

    @Test("a rolling role goes through its hosts so many at a time, in the inventory's order")
    func rollingRole() throws {
        let tasks = ["c", "a", "b"].map { task($0, "r", 0) }
        let graph = try TaskGraph(
            tasks: tasks, roles: [RoleOrder(name: "r", rolling: 2, hosts: ["c", "a", "b"])])
        #expect(graph.predecessors == [[], [], [0]])
    }

    @Test("a rolling task waits for the same task on the host before it")
    func rollingTask() throws {
        let tasks = ["a", "b"].flatMap { host in
            [task(host, "r", 0), task(host, "r", 1, "restart", rolling: 1)]
        }
        let graph = try TaskGraph(tasks: tasks, roles: [RoleOrder(name: "r", hosts: ["a", "b"])])
        #expect(graph.predecessors == [[], [0], [], [1, 2]])
    }

    @Test("a task that uses an export comes after the task that makes it")
    func exports() throws {
        let export = Export(host: "a", name: "token", read: "cat /token", isSensitive: true)
        let tasks = [task("b", "agent", 0), task("a", "server", 0, exports: [export])]
        let graph = try TaskGraph(
            tasks: tasks, roles: [RoleOrder(name: "agent"), RoleOrder(name: "server")],
            references: [["a/token"], []])
        #expect(graph.order == [1, 0])
    }

    @Test("a circle is an error that prints it")
    func circle() throws {
        let one = Export(host: "a", name: "one", read: ":", isSensitive: false)
        let two = Export(host: "b", name: "two", read: ":", isSensitive: false)
        let error = try #require(
            throws: InputErrors.self,
            performing: {
                try TaskGraph(
                    tasks: [task("a", "x", 0, "left", exports: [one]), task("b", "y", 0, "right", exports: [two])],
                    roles: [], references: [["b/two"], ["a/one"]])
            })
        #expect(error.description.contains("a › x › left → b › y › right → a › x › left"))
    }

    @Test("what comes after a task is found whole")
    func descendants() throws {
        let tasks = [task("a", "r", 0), task("a", "r", 1), task("b", "r", 0), task("a", "s", 0)]
        let graph = try TaskGraph(
            tasks: tasks, roles: [RoleOrder(name: "r"), RoleOrder(name: "s", after: ["r"])])
        #expect(graph.descendants(of: 0) == [1, 3])
    }
}

@Suite struct TaskGraphPropertyTests {
    @Test("whatever the roles, each task stands after all that it waits for", arguments: 0..<50)
    func order(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let hosts = (0..<Int.random(in: 1...5, using: &generator)).map { "h\($0)" }
        var roles: [RoleOrder] = []
        var tasks: [HostTask] = []
        for r in 0..<Int.random(in: 1...6, using: &generator) {
            let after = roles.map(\.name).filter { _ in Bool.random(using: &generator) }
            let rolling = Bool.random(using: &generator) ? Int.random(in: 1...3, using: &generator) : nil
            roles.append(RoleOrder(name: "r\(r)", after: after, rolling: rolling, hosts: hosts))
            for host in hosts where Int.random(in: 0...3, using: &generator) > 0 {
                for p in 0..<Int.random(in: 1...4, using: &generator) { tasks.append(task(host, "r\(r)", p)) }
            }
        }
        let graph = try TaskGraph(tasks: tasks.shuffled(using: &generator).sorted { $0.id < $1.id }, roles: roles)
        var place = Array(repeating: -1, count: graph.ids.count)
        for (i, v) in graph.order.enumerated() { place[v] = i }
        #expect(graph.order.count == tasks.count)
        for v in graph.ids.indices { for p in graph.predecessors[v] { #expect(place[p] < place[v]) } }
    }
}

/// A generator whose numbers can be had again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
