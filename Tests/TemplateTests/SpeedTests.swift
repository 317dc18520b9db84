import Model
import OrderedCollections
import Testing

@testable import Template

@Suite("Templates are quick enough to render for every host and task")
struct SpeedTests {
    @Test("256 hosts times 100 tasks, two texts and a condition each")
    func manyHosts() throws {
        let texts = try (0..<100).map {
            try Template(
                parsing:
                    "https://{{ hostvars[groups.control_plane[0]].ip }}:{{ port + \($0) }}/{{ version | urlencode }}")
        }
        let conditions = try (0..<100).map { _ in try Template.Expression(parsing: "gpu and version is search('k3s')") }
        let shared: OrderedDictionary<String, Value> = [
            "port": "{{ base_port }}", "base_port": 6443, "version": "v1.33.4{{ suffix }}", "suffix": "+k3s1",
            "data_dir": "/var/lib/{{ name }}", "name": "k3s",
        ]
        let magic = PlainScope([
            "hostvars": ["n1": ["ip": "100.64.0.1"]], "groups": ["control_plane": ["n1"]],
        ])
        let cache = TemplateCache()
        let clock = ContinuousClock()
        var last: Value = nil
        let elapsed = try clock.measure {
            for host in 0..<256 {
                let scope = VariableScope(
                    layers: [shared, ["gpu": .bool(host.isMultiple(of: 2))]], magic: magic, cache: cache)
                for (text, condition) in zip(texts, conditions) {
                    last = try text.render(in: scope)
                    _ = try render("{{ data_dir }}/agent", in: scope, cache: cache)
                    _ = try condition.isTrue(in: scope)
                }
            }
        }
        #expect(last == "https://100.64.0.1:6542/v1.33.4%2Bk3s1")
        // In release it takes well under a second; this bound is for a debug build on a slow, busy machine.
        #expect(elapsed < .seconds(60))
        print("256 hosts, 100 tasks: \(elapsed)")
    }
}
