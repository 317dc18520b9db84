import Foundation
import Model
import OrderedCollections
import Resources
import Roles
import TestSupport
import Testing

@Suite struct ExpansionTests {
    private func content(_ task: HostTask, _ exports: Exports = Exports()) async throws -> String {
        guard case .resource(let resource, _) = task.resolve(exports), let file = resource as? File else {
            throw Failure(deed: "resolve \(task.id)", cause: "\(task.resolve(exports))")
        }
        guard case .change(let change) = file.difference(from: try await look(file)) else { return "" }
        for case .write(let write) in change.steps {
            if case .bytes(let bytes) = write.content { return String(decoding: bytes, as: UTF8.self) }
        }
        return ""
    }

    /// What a look at this machine finds, where no test's file is.
    private func look<Kind: ShellKind>(_ resource: Kind) async throws -> Kind.Found {
        let said = try await Program.run("/bin/sh", [], stdin: Kind.probe([resource]).text)
        return try Kind.read(Array(said.stdout.utf8), of: [resource])[0]
    }

    @Test("what a fact has a part in is found anew once the facts are read, also where it came through a variable")
    func lasting() async throws {
        let role = try RoleFixture(
            """
            role: demo
            hosts: all
            defaults: { told: "{{ 'told' if facts.hostname is defined else 'not told' }}" }
            tasks:
              - name: one
                file: { path: /etc/1, content: "{{ told }}" }
              - name: two
                file: { path: /etc/2, content: "{{ told }}" }
              - name: three
                file: { path: /etc/3, content: "{{ inventory_hostname }}" }
            """)
        var site = RoleFixture.site()
        let before = try role.tasks(on: site)
        for (task, text) in zip(before, ["told", "told", "n1"]) { #expect(try await content(task) == text) }
        site.facts = ["n1": [:]]
        let after = try role.tasks(on: site)
        for (task, text) in zip(after, ["not told", "not told", "n1"]) { #expect(try await content(task) == text) }
    }

    @Test("the inventory wins over a role's defaults, and extra variables over both")
    func precedence() async throws {
        let role = try RoleFixture(
            """
            role: demo
            hosts: all
            defaults: { a: default, b: default, c: default }
            tasks:
              - name: f
                file: { path: /etc/f, content: "{{ a }} {{ b }} {{ c }}" }
            """)
        let site = RoleFixture.site(["n1": ["b": "inventory", "c": "inventory"]], extra: ["c": "extra"])
        #expect(try await content(role.tasks(on: site)[0]) == "default inventory extra")
    }

    @Test("a role's defaults are secret by their names, those within maps too")
    func secretDefaults() async throws {
        let role = try RoleFixture(
            """
            role: demo
            hosts: all
            defaults: { registry: { user: u, password: hunter2 }, join_token: hunter3 }
            tasks:
              - name: user
                file: { path: /etc/u, content: "{{ registry.user }}" }
              - name: password
                file: { path: /etc/p, content: "{{ registry.password }}" }
              - name: token
                file: { path: /etc/t, content: "{{ join_token }}" }
            """)
        for (task, isSecret) in zip(try role.tasks(), [false, true, true]) {
            guard case .resource(let resource, _) = task.resolve(Exports()), let file = resource as? File,
                case .change(let change) = file.difference(from: try await look(file))
            else {
                Issue.record("\(task.id)")
                continue
            }
            #expect(change.isSensitive == isSecret, "\(task.id)")
            #expect(!"\(change.details)".contains("hunter"))
        }
    }

    @Test("a loop gives a task an item, named by it")
    func loop() async throws {
        let role = try RoleFixture(
            """
            role: demo
            hosts: all
            defaults: { ports: [{name: api, port: 6443}, {name: kubelet, port: 10250}] }
            tasks:
              - name: port
                for_each: "{{ ports }}"
                file: { path: "/etc/{{ item.name }}", content: "{{ item.port }}" }
              - name: "{{ item.key }} is {{ item.value }}"
                for_each: { x: 1 }
                file: { path: /etc/x, content: "{{ item.value }}" }
            """)
        let tasks = try role.tasks()
        #expect(tasks.map(\.id.name) == ["port (api)", "port (kubelet)", "x is 1"])
        #expect(try await content(tasks[1]) == "10250")
    }

    @Test("a condition that does not hold skips, one on unknown facts waits")
    func conditions() throws {
        let role = try RoleFixture(
            """
            role: demo
            hosts: all
            when: facts.cpus > 1
            tasks:
              - name: f
                when: [inventory_hostname == 'n1', "facts.memory_mb < 10"]
                file: { path: /etc/f, content: x }
            """)
        let facts: Value = ["cpus": 2, "memory_mb": 100]
        guard case .skipped(let why) = try role.tasks(on: RoleFixture.site(facts: ["n1": facts]))[0].resolve(Exports())
        else {
            Issue.record("not skipped")
            return
        }
        #expect(why == "when: facts.memory_mb < 10")
        guard case .unknown = try role.tasks()[0].resolve(Exports()) else {
            Issue.record("not unknown")
            return
        }
    }

    @Test("a handler stands after the last task that notifies it and before the rest")
    func handlers() throws {
        let role = try RoleFixture(
            """
            role: demo
            hosts: all
            tasks:
              - { name: one, notify: restart, file: { path: /etc/1, content: x } }
              - { name: two, notify: restart, file: { path: /etc/2, content: x } }
              - { name: three, file: { path: /etc/3, content: x } }
            handlers:
              - { name: restart, command: "true" }
            """)
        let tasks = try role.tasks()
        #expect(tasks.map(\.id.name) == ["one", "two", "restart", "three"])
        #expect(tasks[2].handles == [tasks[0].id, tasks[1].id])
    }

    @Test("another host's export is unknown until it is read, through any expression, and secret after")
    func exports() async throws {
        let role = try RoleFixture(
            """
            role: demo
            hosts: all
            tasks:
              - name: makes it
                file: { path: /etc/token, content: x }
                export: { token: { read: cat /etc/token, sensitive: true } }
              - name: uses it
                file: { path: /etc/f, content: "K10{{ hostvars['n2'].exports.token | upper }}" }
            """)
        let tasks = try role.tasks(on: RoleFixture.site(["n1": [:], "n2": [:]]))
        let uses = tasks[1]
        guard case .unknown(let unknown) = uses.resolve(Exports()) else {
            Issue.record("not unknown")
            return
        }
        #expect(unknown.sources == ["n2/token"])
        var known = Exports()
        known.set("n2/token", to: Value(.string("abc"), isSensitive: true))
        #expect(try await content(uses, known) == "K10ABC")
        guard case .resource(let resource, _) = uses.resolve(known), let file = resource as? File,
            case .change(let change) = file.difference(from: try await look(file))
        else {
            Issue.record("no change")
            return
        }
        #expect(change.isSensitive)
        #expect(!"\(change.details)".contains("ABC"))
        #expect(tasks[0].exports.map(\.key) == ["n1/token"])
    }

    @Test("another host's variables are rendered in its own scope")
    func hostvars() async throws {
        let role = try RoleFixture(
            """
            role: demo
            hosts: all
            defaults: { label: "I am {{ inventory_hostname }}" }
            tasks:
              - name: f
                file: { path: /etc/f, content: "{{ hostvars['n2'].label }}; {{ hostvars[groups.workers[1]].ip }}" }
            """)
        let site = RoleFixture.site(["n1": [:], "n2": ["ip": "10.0.0.{{ 1 + 1 }}"]])
        #expect(try await content(role.tasks(on: site)[0]) == "I am n2; 10.0.0.2")
    }

    @Test("a template file is rendered, a structured file keeps its types")
    func templates() async throws {
        let role = try RoleFixture(
            """
            role: demo
            hosts: all
            defaults: { size: 3 }
            tasks:
              - { name: t, file: { path: /etc/t, template: t.j2 } }
              - { name: j, file: { path: /etc/j, json: { size: "{{ size }}", text: "{{ size }} MB" } } }
            """, files: ["templates/t.j2": "{% for i in range(size) %}\nline {{ i }}\n{% endfor %}\n"])
        let tasks = try role.tasks()
        #expect(try await content(tasks[0]) == "line 0\nline 1\nline 2\n")
        let json = try await content(tasks[1])
        #expect(json.contains("\"size\": 3") && json.contains("\"text\": \"3 MB\""))
    }

    @Test("roles that come after each other are told as a circle, once and without an inventory")
    func circle() throws {
        let one = try RoleFixture("role: a\nhosts: all\nafter: [b]\ntasks: []\n", name: "a")
        let two = try RoleFixture("role: b\nhosts: all\nafter: [c]\ntasks: []\n", name: "b")
        let three = try RoleFixture("role: c\nhosts: all\nafter: [b]\ntasks: []\n", name: "c")
        let library = RoleLibrary(folders: [one.folder, two.folder, three.folder])
        #expect(library.mistakes.map(\.message) == ["role: 'after' goes in a circle: b → c → b"])
        #expect(throws: InputErrors.self) { try library.refuseMistakes() }
    }

    @Test("a pattern that names nobody is told at its place, with the other mistakes")
    func pattern() throws {
        let role = try RoleFixture("role: demo\nhosts: nobody\nsumary: x\ntasks: []\n")
        let error = #expect(throws: InputErrors.self) {
            try role.library().check(on: RoleFixture.site()) { role throws(InputErrors) in
                throw InputErrors(InputError("'\(role.hosts)' is no host and no group"))
            }
        }
        #expect(
            error?.errors.map { "\($0.origin?.line ?? 0):\($0.origin?.column ?? 0) \($0.message)" } == [
                "2:8 'nobody' is no host and no group", "3:1 role: unknown key 'sumary'",
            ])
    }

    @Test("a role that cannot be read is a mistake, and no other of its name takes its place")
    func unreadable() throws {
        let mine = try RoleFixture("", name: "other")
        let folder = "\(mine.folder)/demo"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let file = "\(folder)/role.yml"
        try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: file)
        let shipped = try RoleFixture("role: demo\nhosts: all\ntasks: []\n")
        let library = RoleLibrary(folders: [mine.folder, shipped.folder])
        #expect(library.roles.map(\.name).contains("demo") == false)
        #expect(library.mistakes.contains { $0.message == "\(file) cannot be read" })
        let gone = RoleLibrary(folders: ["\(mine.folder)/nowhere"])
        #expect(gone.mistakes.map(\.message) == ["the folder of roles \(mine.folder)/nowhere cannot be read"])
    }

    @Test("roles come after those they name, whatever their names")
    func order() throws {
        let one = try RoleFixture("role: a\nhosts: all\nafter: [z]\ntasks: []\n", name: "a")
        let two = try RoleFixture("role: z\nhosts: all\ntasks: []\n", name: "z")
        let library = RoleLibrary(folders: [one.folder, two.folder])
        #expect(library.roles.map(\.name) == ["z", "a"])
    }
}
