import Model
import OrderedCollections
import Synchronization
import Testing

@testable import Template

@Suite("Variables that are templates of each other")
struct VariableScopeTests {
    static func value(_ text: String, _ layers: [OrderedDictionary<String, Value>]) throws(InputErrors) -> Value {
        try Template(parsing: text).render(in: VariableScope(layers: layers))
    }

    @Test("they are rendered through any number of steps, in lists and maps too, and keep their types")
    func chain() throws {
        let layer: OrderedDictionary<String, Value> = [
            "a": "{{ b }}", "b": ["{{ c }}", ["k": "{{ c + 1 }}", "{{ name }}": "v"]], "c": "{{ 40 + 1 }}",
            "name": "key",
        ]
        #expect(try Self.value("{{ a }}", [layer]) == [41, ["k": 42, "key": "v"]])
        #expect(try Self.value("{{ a[1].k }}", [layer]) == 42)
    }

    @Test("a later layer is stronger, and a template sees the strongest")
    func layers() throws {
        #expect(try Self.value("{{ a }}", [["a": "{{ b }}", "b": 1], ["b": 2]]) == 2)
    }

    @Test("only the part that is asked for is rendered")
    func lazy() throws {
        #expect(try Self.value("{{ m.good }}", [["m": ["good": "{{ 1 }}", "bad": "{{ missing }}"]]]) == 1)
        #expect(throws: InputErrors.self) { try Self.value("{{ m }}", [["m": ["bad": "{{ missing }}"]]]) }
    }

    @Test("a circle is an error that prints it")
    func circle() throws {
        let error = #expect(throws: InputErrors.self) {
            try Self.value("{{ a }}", [["a": "{{ b }}", "b": "x{{ c.d }}", "c": ["d": "{{ a }}"]]])
        }
        #expect(error?.description.contains("a → b → c.d → a") == true)
    }

    @Test("a circle through another host's variables is found too")
    func circleThroughHosts() throws {
        final class Hosts: Scope {
            let scopes = Mutex<[String: VariableScope]>([:])
            func resolve(_ path: [Value]) throws(InputErrors) -> (value: Value, consumed: Int)? {
                guard path.count > 2, path[0] == "hostvars", let host = path[1].string,
                    let scope = scopes.withLock({ $0[host] }),
                    let found = try scope.resolve(Array(path.dropFirst(2)))
                else { return nil }
                return (found.value, found.consumed + 2)
            }
        }
        let hosts = Hosts()
        let n1 = VariableScope(layers: [["a": "{{ hostvars.n2.b }}", "ip": "{{ 'x' }}1"]], magic: hosts, label: "n1")
        let n2 = VariableScope(
            layers: [["b": "{{ hostvars['n1'].a }}", "c": "{{ hostvars.n1.ip }}"]], magic: hosts, label: "n2")
        hosts.scopes.withLock { $0 = ["n1": n1, "n2": n2] }
        #expect(try Template(parsing: "{{ c }}").render(in: n2) == "x1")
        let error = #expect(throws: InputErrors.self) { try Template(parsing: "{{ a }}").render(in: n1) }
        #expect(error?.description.contains("n1: a → n2: b → n1: a") == true)
        hosts.scopes.withLock { $0 = [:] }
    }

    @Test("a long chain of variables is an error, not a stack overflow")
    func longChain() throws {
        var layer: OrderedDictionary<String, Value> = ["v0": 1]
        for i in 1...1000 { layer["v\(i)"] = .string("{{ v\(i - 1) }}") }
        #expect(try Self.value("{{ v30 }}", [layer]) == 1)
        let error = #expect(throws: InputErrors.self) { try Self.value("{{ v1000 }}", [layer]) }
        #expect(error?.description.contains("in a row") == true)
    }

    @Test("the deepest evaluation that is allowed fits the stack, and one step more is an error")
    func deepest() throws {
        func layer(_ nots: Int) -> OrderedDictionary<String, Value> {
            var layer: OrderedDictionary<String, Value> = ["v0": true]
            for i in 1...38 {
                layer["v\(i)"] = .string("{{ [\(String(repeating: "not ", count: nots))v\(i - 1)][0] }}")
            }
            return layer
        }
        #expect(try Self.value("{{ v38 }}", [layer(6)]) == true)
        let error = #expect(throws: InputErrors.self) { try Self.value("{{ v38 }}", [layer(20)]) }
        #expect(error?.description.contains("nests too deeply") == true)
    }

    @Test("a secret variable's own template is secret, and so is what lies within a secret map")
    func secret() throws {
        let layers: [OrderedDictionary<String, Value>] = [
            ["p": Value(.string("x{{ 1 }}"), isSensitive: true), "m": Value(.map(["k": "{{ 2 }}"]), isSensitive: true)]
        ]
        #expect(try Self.value("{{ p }}", layers).isSensitive)
        #expect(try Self.value("{{ m.k }}", layers).isSensitive)
    }

    @Test("all the mistakes of a value are reported at once, each at its place")
    func all() throws {
        let value: Value = [
            Value(.string("{{ one }}"), origin: Origin(file: "f", line: 1, column: 3)), "fine",
            ["k": Value(.string("{{ two"), origin: Origin(file: "f", line: 2, column: 5))],
        ]
        let error = #expect(throws: InputErrors.self) { try render(value, in: PlainScope()) }
        #expect(error?.errors.map { $0.origin?.description } == ["f:1:6", "f:2:5"])
    }

    @Test("another layer is seen by the variables below it")
    func adding() throws {
        let scope = VariableScope(layers: [["a": "<{{ item }}>"]])
        #expect(try Template(parsing: "{{ a }}").render(in: scope.adding(["item": 1])) == "<1>")
        #expect(throws: InputErrors.self) { try Template(parsing: "{{ a }}").render(in: scope) }
        #expect(try Template(parsing: "{{ item }}").render(in: OverlaidScope(["item": 2], over: scope)) == 2)
    }

    @Test("a scope is asked for the longest path, its keys evaluated")
    func path() throws {
        final class Asked: Scope {
            let paths = Mutex<[[Value]]>([])
            func resolve(_ path: [Value]) -> (value: Value, consumed: Int)? {
                paths.withLock { $0.append(path) }
                switch path[0] {
                case "groups": return (["control_plane": ["n1"]], 1)
                case "hostvars": return ("100.64.0.1", path.count)
                default: return nil
                }
            }
        }
        let asked = Asked()
        let template = try Template(parsing: "{{ hostvars[groups.control_plane[0]].tailscale_ip }}")
        #expect(try template.render(in: asked) == "100.64.0.1")
        #expect(asked.paths.withLock { $0 } == [["groups", "control_plane", 0], ["hostvars", "n1", "tailscale_ip"]])
        #expect(template.names == ["hostvars", "groups"])
    }
}
