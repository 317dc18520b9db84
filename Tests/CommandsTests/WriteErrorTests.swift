import Foundation
import TestSupport
import Testing

extension LocalTests {
    /// What cannot be written is told, and no success.
    @Suite struct WriteErrorTests {
        private func shell(_ kubani: Kubani, _ script: String) async throws -> Program {
            try await Program.run(
                "sh", ["-c", script, Kubani.path], environment: ["NO_COLOR": "1", "KUBANI_INVENTORY": ""],
                directory: kubani.folder)
        }

        @Test(
            "output that is lost is a failure",
            arguments: [
                "plan", "plan --json", "apply --yes --json", "inventory list --json", "roles list", "version", "help",
            ])
        func full(command: String) async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            let lost = try await shell(kubani, #""$0" \#(command) >/dev/full"#)
            #expect(lost.status == 3, "\(lost.stderr)")
            #expect(lost.stderr.contains("standard output could not be written: No space left on device"))
            #expect(try await shell(kubani, #""$0" \#(command) 2>/dev/full >&2"#).status == 3)
            // A reader that has seen enough, as head has, loses nothing.
            #expect(try await shell(kubani, #""$0" \#(command) >/dev/null"#).status == 0)
        }

        /// Runs with a journal's folder of eight pages.
        private func onFullDisk(_ kubani: Kubani, _ command: String) async throws -> Program {
            try kubani.write("greeting: \(String(repeating: "x", count: 60000))\n", to: "vars.yml")
            return try await shell(
                kubani,
                """
                mkdir -m 700 .kubani && exec unshare -m sh -c '
                    mount -t tmpfs -o size=32k,mode=700 none .kubani || exit 99
                    "$0" \(command) -e @vars.yml
                    status=$?
                    cat .kubani/runs/*/events.jsonl >events.jsonl
                    exit $status' "$0"
                """)
        }

        @Test("a journal on a full disk: told at once and at the end, whole lines, and the run goes on", Needs.root)
        func journal() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            let run = try await onFullDisk(kubani, "apply --yes")
            #expect(run.status == 0, "\(run.stderr)")
            let warnings = run.stderr.ranges(of: "warning: the journal .kubani/runs/")
            #expect(warnings.count == 2 && run.stderr.contains("ends here: No space left on device"), "\(run.stderr)")
            #expect(kubani.exists("out/motd") && kubani.exists("out/told"))
            let events = try String(contentsOfFile: "\(kubani.folder)/events.jsonl", encoding: .utf8)
            #expect(events.hasPrefix("{") && events.hasSuffix("}\n"))
        }

        @Test("with --need-journal nothing is changed without one", Needs.root)
        func needed() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            let run = try await onFullDisk(kubani, "apply --yes --need-journal")
            #expect(run.status == 3 && run.stderr.contains("Nothing was changed: there is no journal"), "\(run.stderr)")
            #expect(!kubani.exists("out"))
        }

        @Test("a saved plan that cannot be written is a failure, and replaces no device")
        func plan() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            for place in ["/dev/full", "/dev/null", "roles"] {
                let run = try await kubani.run("plan", "--out", place, environment: ["XDG_CONFIG_HOME": kubani.folder])
                #expect(run.status == 1 && run.stderr.contains("it is there, and no file"), "\(run.stderr)")
            }
        }
    }
}
