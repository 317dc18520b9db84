import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

@Suite("wait_for")
struct WaitForTests {
    @Test(
        "fields that do not go together are refused",
        arguments: [
            ([:] as Value, "one of 'port', 'http', 'path' and 'command' is needed"),
            (["port": 1, "path": "/a"], "not port and path"),
            (["port": 0], "0 is no port"),
            (["port": 80, "host": "-x"], "an address or a name is needed"),
            (["path": "/a", "host": "x"], "goes with 'port' only"),
            (["http": "ftp://x"], "begins with http:// or https://"),
            (["http": "http://x/a b"], "begins with http:// or https://"),
            (["http": "http://x", "status": "99"], "'99' is no HTTP status"),
            (["http": "http://x", "status": "300-200"], "is no HTTP status"),
        ] as [(Value, String)])
    func refused(value: Value, message: String) { #expect(mistakes(WaitFor.self, value).contains(message)) }

    @Test("each shell sees what is so and what it is instead", arguments: shells)
    func looks(shell: [String]) async throws {
        guard try await Program.run("sh", ["-c", "command -v \(shell[0])"]).status == 0 else { return }
        let waits = [
            try resource(WaitFor.self, ["path": "/etc"]), try resource(WaitFor.self, ["path": "/no/such"]),
            try resource(WaitFor.self, ["command": "echo not yet; exit 3"]), try resource(WaitFor.self, ["port": 1]),
        ]
        let found = try await look(waits, by: shell)
        #expect(found.map(\.isTrue) == [true, false, false, false])
        #expect(found[1].saw == "/no/such is not there")
        #expect(found[2].saw == "not yet")
        guard case .change(let change) = waits[2].difference(from: found[2]) else {
            Issue.record("\(found[2])")
            return
        }
        #expect(change.action == .wait)
        #expect(change.details == [.note("up to 5m; now: not yet")])
    }

    @Test("a wait whose time is up fails and shows what it last saw", arguments: shells)
    func timesOut(shell: [String]) async throws {
        guard try await Program.run("sh", ["-c", "command -v \(shell[0])"]).status == 0 else { return }
        let wait = try resource(
            WaitFor.self, ["command": "echo half way; false", "timeout": "1s", "interval": "200ms"])
        let ran = try await Program.run(shell[0], shell.dropFirst() + [wait.poll.text])
        #expect(ran.status == 1)
        #expect(ran.stderr == "half way\na command did not come true within 1s; above is what was last seen\n")
    }

    @Test("a secret URL is no program's argument")
    func secretURL() throws {
        let url = Value.string("http://here/?token=hunter2")
        let secret = try resource(WaitFor.self, ["http": url.sensitive()]).goal.look.text
        #expect(secret.split(separator: "hunter2").count == 3, "\(secret)")
        #expect(secret.split(separator: "printf '%s\\n' 'http://here/?token=hunter2' | wget ").count == 2)
        #expect(
            try resource(WaitFor.self, ["http": url]).goal.look.text.contains("/dev/null  'http://here/?token=hunter2'")
        )
    }

    @Test("a wait ends as soon as it is so")
    func ends() async throws {
        let ran = try await Program.run(
            "sh", ["-c", resource(WaitFor.self, ["path": "/etc", "timeout": "1h"]).poll.text])
        #expect(ran.status == 0)
        #expect(ran.stderr == "")
    }

    @Test(
        "a URL that answers with a wanted status will do, another status is told", Needs.program("python3"),
        Needs.program("curl"))
    func http() async throws {
        // One server, asked for two paths, that ends by itself.
        let server = """
            import http.server, subprocess, sys
            s = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
            import threading; threading.Thread(target=s.serve_forever, daemon=True).start()
            for path in ("", "no-such"):
                subprocess.run(["sh", "-c", sys.argv[1].replace("PORT", str(s.server_port)).replace("PATH_", path)], stderr=subprocess.DEVNULL)
            """
        let wait = try resource(WaitFor.self, ["http": "http://127.0.0.1:PORT/PATH_"])
        let ran = try await Program.run("python3", ["-c", server, WaitFor.probe([wait]).text], directory: "/usr")
        #expect(ran.stdout == "0\0\0\u{0}1\0HTTP status 404\0\0", "\(ran)")
    }
}
