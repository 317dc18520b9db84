import Foundation
import TestSupport
import Testing

@Suite("kubani graph") struct GraphTests {
    private static let inventory = """
        all:
          children:
            control_plane: { hosts: { n1: { tailscale_ip: 100.64.0.1 } } }
            workers: { hosts: { n2: { tailscale_ip: 100.64.0.2 } } }
        """
    private static let base = """
        role: base
        summary: Comes first.
        hosts: all
        tasks:
          - name: a "quoted" \\ name
            directory: /etc/a
            notify: restart
          - name: only Debian's
            when: facts.os.family == 'debian'
            directory: /etc/b
          - name: nowhere
            when: "'x' in groups"
            directory: /etc/c
          - name: token
            file: { path: /etc/token, content: x }
            export: { token: { read: cat /etc/token } }
        handlers:
          - name: restart
            command: echo again
        """
    private static let join = """
        role: join
        summary: Joins.
        hosts: workers
        after: [base]
        tasks:
          - name: joined
            file: { path: /etc/joined, content: "{{ hostvars.n1.exports.token }}" }
          - name: for each
            for_each: "{{ facts.interfaces | dict2items }}"
            directory: "/etc/{{ item.key }}"
        """
    private static let files = [
        "inventory/hosts.yml": inventory, "roles/base/role.yml": base, "roles/join/role.yml": join,
    ]

    /// Reads what `DotText` writes: clusters, vertices in them with their attributes, edges by labels.
    private struct Drawn {
        var clusters: [String: [String]] = [:]
        var attributes: [String: String] = [:]
        var edges: Set<String> = []

        init(_ text: String) throws {
            var open: [String] = []
            var labels: [Substring: String] = [:]
            var depth = 0
            for line in text.split(separator: "\n") {
                if line.hasSuffix("{") { depth += 1 }
                if let label = line.wholeMatch(of: /\s+label="(.*)";/)?.1 {
                    open.append(String(label))
                } else if let (_, name, label, rest) = line.wholeMatch(
                    of: /\s+(t\d+) \[label="((?:[^"\\]|\\.)*)"(.*)\];/)?
                    .output
                {
                    let place = open.joined(separator: "/")
                    clusters[place, default: []].append(String(label))
                    labels[name] = "\(place)/\(label)"
                    attributes["\(place)/\(label)"] = String(rest)
                } else if let (_, from, to) = line.wholeMatch(of: /\s+(t\d+) -> (t\d+);/)?.output {
                    edges.insert("\(try #require(labels[from])) -> \(try #require(labels[to]))")
                } else if line.wholeMatch(of: /\s*}/) != nil {
                    depth -= 1
                    if depth > 0 { open.removeLast() }
                }
            }
            #expect(depth == 0)
        }
    }

    @Test("tasks by host and role, the fewest arrows, and no host is asked")
    func dot() async throws {
        let kubani = try Kubani(Self.files)
        defer { kubani.remove() }
        let run = try await kubani.run("graph", "--format", "dot")
        #expect(run.status == 0, "\(run.stderr)")
        let drawn = try Drawn(run.stdout)
        let quoted = "a \\\"quoted\\\" \\\\ name"
        let base = [quoted, "restart", "only Debian's", "nowhere", "token"]
        #expect(drawn.clusters == ["n1/base": base, "n2/base": base, "n2/join": ["joined"]])
        let chain = ["n1", "n2"].flatMap { host in
            zip(base, base.dropFirst()).map { "\(host)/base/\($0) -> \(host)/base/\($1)" }
        }
        #expect(
            drawn.edges
                == Set(chain + ["n2/base/token -> n2/join/joined", "n1/base/token -> n2/join/joined"]))
        #expect(drawn.attributes["n1/base/only Debian's"] == ", style=\"rounded,dashed\"")
        #expect(drawn.attributes["n1/base/nowhere"]?.contains("dotted") == true)
        #expect(drawn.attributes["n1/base/restart"] == ", shape=hexagon")
        #expect(drawn.attributes["n1/base/token"] == "" && drawn.attributes["n2/join/joined"] == "")
        #expect(run.stderr.hasPrefix("note: join › for each is not drawn: "))
        #expect(!kubani.exists(".kubani"))
        // Where Graphviz is at hand, it reads it too.
        if let dot = try? await Program.run("dot", ["-Tsvg"], stdin: run.stdout) {
            #expect(dot.status == 0 && dot.stderr == "", "\(dot.stderr)")
        }
    }

    @Test("Mermaid's form has the same tasks and arrows")
    func mermaid() async throws {
        let kubani = try Kubani(Self.files)
        defer { kubani.remove() }
        let run = try await kubani.run("graph", "--format", "mermaid", "--limit", "n2", "--tags", "base")
        #expect(
            run.stdout == """
                flowchart LR
                  subgraph h0["n2"]
                    subgraph h0r0["base"]
                      t0("a #34;quoted#34; #92; name")
                      t1{{"restart"}}
                      t2("only Debian's")
                      t3("nowhere")
                      t4("token")
                    end
                  end
                  t0 --> t1
                  t1 --> t2
                  t2 --> t3
                  t3 --> t4
                  classDef conditional stroke-dasharray: 5 5
                  class t2 conditional
                  classDef skipped stroke-dasharray: 2 4,color:#888888
                  class t3 skipped

                """, "\(run.stderr)")
    }

    @Test("the roles that kubani brings can be drawn for the inventories it brings")
    func shipped() async throws {
        let kubani = try Kubani()
        defer { kubani.remove() }
        let run = try await kubani.run(
            "graph", "-i", Repository.path("inventory/ha.yml"), "--roles", Repository.path("roles"))
        #expect(run.status == 0, "\(run.stderr)")
        #expect(try Drawn(run.stdout).edges.count > 100)
    }

    @Test("mistakes are told with their lines, and nothing is drawn")
    func mistakes() async throws {
        let kubani = try Kubani(Self.files)
        defer { kubani.remove() }
        try kubani.write(
            Self.join.replacingOccurrences(of: "exports.token", with: "exports.tokn"), to: "roles/join/role.yml")
        let run = try await kubani.run("graph")
        #expect(run.status == 1 && run.stdout == "" && run.stderr.contains("roles/join/role.yml:7:"), "\(run.stderr)")
    }
}
