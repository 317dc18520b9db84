import Foundation
import TestSupport
import Testing

extension LocalTests {
    /// Files of whoever runs kubani, where others put something in their way.
    @Suite struct PrivateFileTests {
        private func link(_ kubani: Kubani, _ name: String, to target: String) throws {
            try FileManager.default.createSymbolicLink(
                atPath: "\(kubani.folder)/\(name)", withDestinationPath: "\(kubani.folder)/\(target)")
        }

        private func plan(_ kubani: Kubani) async throws -> Program {
            try await kubani.run(
                "plan", "--out", "it.plan", environment: ["XDG_CONFIG_HOME": "\(kubani.folder)/config"])
        }

        @Test("a file that somebody else has put beside a plan does not become it", Needs.root)
        func part() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            try kubani.write("theirs", to: "it.plan.part")
            chown("\(kubani.folder)/it.plan.part", 4711, 4711)
            let refused = try await plan(kubani)
            #expect(
                refused.status == 1 && refused.stderr.contains("it.plan.part is there, and is not yours"),
                "\(refused.stderr)")
            #expect(!kubani.exists("it.plan"))
            #expect(try String(contentsOfFile: "\(kubani.folder)/it.plan.part", encoding: .utf8) == "theirs")

            try FileManager.default.removeItem(atPath: "\(kubani.folder)/it.plan.part")
            try kubani.write("mine", to: "mine")
            try link(kubani, "it.plan.part", to: "mine")
            #expect(try await plan(kubani).status == 1)
            #expect(try String(contentsOfFile: "\(kubani.folder)/mine", encoding: .utf8) == "mine")
        }

        @Test("what an own run that was killed has left is written anew")
        func left() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            try kubani.write("half", to: "it.plan.part")
            #expect(try await plan(kubani).status == 0)
            #expect(!kubani.exists("it.plan.part"))
        }

        @Test("a .kubani that is a link, somebody else's or everybody's is not used", Needs.root)
        func journals() async throws {
            for way in ["link", "owner", "mode", "runs"] {
                let kubani = try Kubani(Fixture.files)
                defer { kubani.remove() }
                try kubani.write("", to: "elsewhere/x")
                switch way {
                case "link": try link(kubani, ".kubani", to: "elsewhere")
                case "runs":
                    mkdir("\(kubani.folder)/.kubani", 0o700)
                    try link(kubani, ".kubani/runs", to: "elsewhere")
                default:
                    mkdir("\(kubani.folder)/.kubani", 0o700)
                    if way == "owner" { chown("\(kubani.folder)/.kubani", 4711, 4711) }
                    if way == "mode" { chmod("\(kubani.folder)/.kubani", 0o777) }
                }
                let run = try await kubani.run("apply", "--yes")
                #expect(
                    run.status == 0 && run.stderr.contains("warning: no journal was written: .kubani"), "\(run.stderr)")
                #expect(try FileManager.default.contentsOfDirectory(atPath: "\(kubani.folder)/elsewhere") == ["x"])
                let needed = try await kubani.run("apply", "--yes", "--need-journal", "-e", "greeting=Bye")
                #expect(needed.status == 3 && needed.stderr.contains("Nothing was changed"), "\(needed.stderr)")
            }
        }

        @Test("a key of saved plans that others have, or that is a link, is not used")
        func key() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            #expect(try await plan(kubani).status == 0)
            let key = "\(kubani.folder)/config/kubani/plan.key"
            chmod(key, 0o644)
            let open = try await plan(kubani)
            #expect(open.status == 1 && open.stderr.contains("others may read or write it"), "\(open.stderr)")
            chmod(key, 0o600)
            try FileManager.default.moveItem(atPath: key, toPath: "\(kubani.folder)/key")
            try link(kubani, "config/kubani/plan.key", to: "key")
            let linked = try await plan(kubani)
            #expect(linked.status == 1 && linked.stderr.contains("it is a link"), "\(linked.stderr)")
        }
    }
}
