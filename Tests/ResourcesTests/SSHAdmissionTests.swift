import Model
import TestSupport
import Testing

@testable import Resources

@Suite("whom ufw's rules let in over SSH", Needs.program("busybox")) struct SSHAdmissionTests {
    static let inside = "### tuple ### allow tcp 22 0.0.0.0/0 any 10.1.0.0/16 in comment=535348"
    static let everywhere = "### tuple ### limit tcp 22 0.0.0.0/0 any 0.0.0.0/0 in"
    static let everywhere6 = "### tuple ### allow tcp 22 ::/0 any ::/0 in"

    /// 10.1.2.3, 192.0.2.7, the first as IPv6 has it, 2001:db8::1; "" where the session could not be told.
    @Test(
        "a rule is enough if it covers the client",
        arguments: [
            (inside, "0302010A", true), (inside, "070200C0", false), (inside, "", true),
            (inside, "0000000000000000FFFF00000302010A", true), (inside, "B80D0120000000000000000001000000", false),
            (everywhere, "070200C0", true), (everywhere, "B80D0120000000000000000001000000", false),
            (everywhere6, "B80D0120000000000000000001000000", true), (everywhere6, "070200C0", false),
            ("\(inside)\n\(everywhere)", "070200C0", true),
            ("### tuple ### allow tcp 22 0.0.0.0/0 any 192.0.2.7 in", "070200C0", true),
            ("### tuple ### allow tcp 22 0.0.0.0/0 any 192.0.2.8 in", "070200C0", false),
            ("### tuple ### allow any any 0.0.0.0/0 any 192.0.2.0/24 in", "070200C0", true),
            ("### tuple ### allow any any 0.0.0.0/0 any 192.0.2.0/24 in", "", false),
            ("### tuple ### allow tcp 80,20:25 0.0.0.0/0 any 0.0.0.0/0 in", "070200C0", true),
            ("### tuple ### allow tcp 80 0.0.0.0/0 any 0.0.0.0/0 in", "070200C0", false),
            ("### tuple ### allow udp 22 0.0.0.0/0 any 0.0.0.0/0 in", "070200C0", false),
            ("### tuple ### deny tcp 22 0.0.0.0/0 any 0.0.0.0/0 in", "", false), ("", "", false),
            ("### tuple ### deny any any 0.0.0.0/0 any 192.0.2.0/24 in\n\(everywhere)", "070200C0", false),
            ("### tuple ### reject tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n\(everywhere)", "", false),
            ("### tuple ### deny tcp 22 0.0.0.0/0 any 203.0.113.9 in\n\(everywhere)", "", true),
            ("### tuple ### deny tcp 22 0.0.0.0/0 any 0.0.0.0/0 in_eth9\n\(everywhere)", "070200C0", true),
            ("\(everywhere)\n### tuple ### deny any any 0.0.0.0/0 any 0.0.0.0/0 in", "070200C0", true),
        ])
    func rules(rules: String, client: String, isAdmitted: Bool) async throws {
        for shell in shells {
            let ran = try await Program.run(
                shell[0],
                shell.dropFirst() + [
                    """
                    \(SSHAdmission.functions.text)
                    client='\(client)' wanted=22
                    [ -z "$client" ] || address=$(dotted "$client") || exit 9
                    printf '%s\\n' '\(rules)' | admitted
                    """
                ])
            #expect(ran.status == (isAdmitted ? 0 : 1), "\(shell[0]): \(ran.stderr)")
        }
    }

    @Test("the connection that an ancestor holds is found, others are not", Needs.program("python3"))
    func session() async throws {
        let server = """
            import socket, subprocess, sys
            listener = socket.create_server(("127.0.0.1", 0))
            client = socket.create_connection(listener.getsockname())
            held = listener.accept()[0]
            out = subprocess.run(sys.argv[1:], capture_output=True, text=True).stdout.split()
            port = listener.getsockname()[1]
            print("%04X,0100007F" % port in out, all("," in line for line in out))
            """
        for shell in shells {
            let script = "\(SSHAdmission.functions.text)\nconnections\ndotted 0100007F >&2 && echo not,loopback"
            let ran = try await Program.run("python3", ["-c", server] + shell + [script])
            #expect(ran.stdout == "True True\n", "\(shell[0]): \(ran)")
        }
    }
}
