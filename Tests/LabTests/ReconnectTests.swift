import Foundation
import TestSupport
import Testing

extension LabTests {
    @Suite(Needs.program("expect")) struct ReconnectTests {
        @Test("a connection that is lost while somebody reads the plan is made again")
        func lostAtTheQuestion() async throws {
            let lab = try await Lab.ready
            let roles = try lab.roles([
                "again": """
                role: again
                hosts: n1
                tasks:
                  - name: a file
                    file: { path: /etc/again, content: "made\\n" }

                """
            ])
            let inventory = try lab.inventory()
            let nodes = Repository.path("Tests/Lab/nodes")
            let said = try await Program.run(
                "expect",
                [
                    "-c",
                    """
                    set timeout 60
                    spawn \(Lab.kubani) apply -i \(inventory) --limit n1 --roles \(roles)
                    expect "y/N" {} timeout { exit 90 }
                    catch { exec \(nodes) ssh n1 {sudo pkill -KILL -f "sshd: ops@notty"} }
                    # Its session is gone when only the one that asks is left.
                    catch { exec \(nodes) ssh n1 {while [ $(pgrep -fc "^sshd: ops .priv.") -gt 1 ]; do sleep 0.1; done} }
                    send "y\\r"
                    expect eof
                    exit [lindex [wait] 3]
                    """,
                ], environment: ["TERM": "xterm"], directory: lab.folder)
            #expect(said.status == 0, "\(said.stdout)\(said.stderr)")
            #expect(said.stdout.contains("changed=1"), "\(said.stdout)")
            #expect(try await lab.read("n1", "cat /etc/again; rm /etc/again") == "made")
        }
    }
}
