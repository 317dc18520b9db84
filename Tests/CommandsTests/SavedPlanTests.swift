import Foundation
import TestSupport
import Testing

extension LocalTests {
    /// plan --out, show, and apply FILE.
    @Suite struct SavedPlanTests {
        /// A key of the test's own.
        private func run(_ kubani: Kubani, _ arguments: String...) async throws -> Program {
            try await kubani.run(arguments, environment: ["XDG_CONFIG_HOME": "\(kubani.folder)/config"])
        }

        private static let secretive = """
            role: secretive
            summary: Keeps a secret.
            hosts: all
            tasks:
              - name: credentials
                file: { path: FOLDER/credentials, content: "token={{ api_token }}\\n", mode: "0600" }
              - name: login
                command: { script: "printf %s {{ api_token | quote }} >FOLDER/login", creates: FOLDER/login }
            """

        @Test("a saved plan is shown as it was planned, and done without asking")
        func done() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            let plan = try await run(kubani, "plan", "--out", "friday.plan", "-e", "greeting=Hello", "-t", "text,greet")
            #expect(plan.status == 0, "\(plan.stderr)")
            #expect(plan.stderr.contains("kubani apply friday.plan"))
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(kubani.folder)/friday.plan")
            #expect(attributes[.posixPermissions] as? Int == 0o600)

            let shown = try await run(kubani, "show", "friday.plan")
            #expect(shown.status == 0 && shown.stdout.hasSuffix(plan.stdout), "\(shown.stdout)\(shown.stderr)")
            #expect(shown.stdout.contains("--tags text,greet"))
            #expect(!kubani.exists("out"))

            // From another folder: what was asked for is in the plan.
            try FileManager.default.createDirectory(
                atPath: "\(kubani.folder)/elsewhere", withIntermediateDirectories: true)
            let apply = try await Program.run(
                Kubani.path, ["apply", "../friday.plan"],
                environment: ["XDG_CONFIG_HOME": "\(kubani.folder)/config", "NO_COLOR": "1", "KUBANI_INVENTORY": ""],
                directory: "\(kubani.folder)/elsewhere")
            #expect(apply.status == 0, "\(apply.stdout)\(apply.stderr)")
            #expect(try String(contentsOfFile: "\(kubani.folder)/out/motd", encoding: .utf8) == "Hello to n1\n")
        }

        @Test("what is not as the plan saw it is told with both, and nothing is changed")
        func drifted() async throws {
            let kubani = try Kubani(Fixture.files)
            defer { kubani.remove() }
            _ = try await run(kubani, "plan", "--out", "site.plan")
            try kubani.write("made by hand\n", to: "out/motd")
            let refused = try await run(kubani, "apply", "site.plan")
            #expect(refused.status == 1)
            #expect(refused.stdout == "")
            for text in [
                "n1 › greet › folder\n  planned:\n    + folder", "n1 › greet › greeting", "-made by hand",
                "site.plan is no longer what would be done: 2 things changed since", "Nothing was changed.",
                "hint: look at a new plan: kubani plan --out site.plan",
            ] { #expect(refused.stderr.contains(text), "\(text): \(refused.stderr)") }
            #expect(try String(contentsOfFile: "\(kubani.folder)/out/motd", encoding: .utf8) == "made by hand\n")

            // A role that says something else since then is no less a change.
            _ = try await run(kubani, "plan", "--out", "site.plan")
            try kubani.write(Fixture.role.replacing("echo telling;", with: "echo TELLING;"), to: "roles/greet/role.yml")
            let other = try await run(kubani, "apply", "site.plan")
            #expect(other.status == 1)
            #expect(
                other.stderr.contains("! told  command echo telling;")
                    && other.stderr.contains("! told  command echo TELLING;"),
                "\(other.stderr)")
            #expect(!kubani.exists("out/told"))
        }

        @Test("no secret is in the file; one that is another now is noticed")
        func secrets() async throws {
            var files = Fixture.files
            files["roles/secretive/role.yml"] = Self.secretive
            let kubani = try Kubani(files)
            defer { kubani.remove() }
            let secret = "s3cr3t-of-the-day"
            let plan = try await run(
                kubani, "plan", "--out", "a.plan", "-e", "api_token=\(secret)", "-e", "greeting=Hi")
            #expect(plan.status == 0, "\(plan.stderr)")
            let text = try String(contentsOfFile: "\(kubani.folder)/a.plan", encoding: .utf8)
            #expect(!text.contains("s3cr3t") && text.contains("greeting=Hi") && text.contains("\"seal\""))
            #expect(!text.contains(Data(secret.utf8).base64EncodedString()))

            let missing = try await run(kubani, "apply", "a.plan")
            #expect(missing.status == 1 && missing.stderr.contains("give the same --extra-vars again"))
            let another = try await run(kubani, "apply", "a.plan", "-e", "api_token=another")
            #expect(another.status == 1 && another.stderr.contains("are not those that a.plan was made with"))
            let again = try await run(kubani, "apply", "a.plan", "-e", "api_token=\(secret)")
            #expect(again.status == 0, "\(again.stdout)\(again.stderr)")
            #expect(
                try String(contentsOfFile: "\(kubani.folder)/credentials", encoding: .utf8) == "token=\(secret)\n")
            #expect(!(again.stdout + again.stderr).contains(secret))

            // The same, from a file that is changed between the two.
            try kubani.write("api_token: one\n", to: "vars.yml")
            _ = try await run(kubani, "plan", "--out", "b.plan", "-e", "@vars.yml")
            try kubani.write("api_token: two\n", to: "vars.yml")
            let changed = try await run(kubani, "apply", "b.plan")
            #expect(
                changed.status == 1 && changed.stderr.contains("by its look the same: a secret, a script"),
                "\(changed.stderr)")
        }

        @Test("a file that is no plan, of another format, or sealed by another key is refused, each in its own words")
        func refused() async throws {
            let kubani = try Kubani(Fixture.files.merging(["vars.json": "{\"a\": 1}"]) { $1 })
            defer { kubani.remove() }
            _ = try await run(kubani, "plan", "--out", "a.plan")
            let text = try String(contentsOfFile: "\(kubani.folder)/a.plan", encoding: .utf8)
            try kubani.write(text.replacing("\"kubani_plan\" : 1", with: "\"kubani_plan\" : 2"), to: "newer.plan")
            try kubani.write(String(text.dropLast(40)), to: "half.plan")
            try kubani.write(text.replacing("out/motd", with: "out/motto"), to: "edited.plan")
            for (file, cause) in [
                ("vars.json", "is not a saved plan: it does not say 'kubani_plan'"),
                ("newer.plan", "is a plan of format 2, and this kubani reads format 1"),
                ("half.plan", "is not a saved plan: it is no JSON"), ("none.plan", "there is no file none.plan"),
                ("edited.plan", "edited.plan is no longer what would be done"),
            ] {
                let run = try await run(kubani, "apply", file)
                #expect(run.status == 1 && run.stderr.contains(cause), "\(file): \(run.stderr)")
            }
            let elsewhere = try await kubani.run(
                ["apply", "a.plan"], environment: ["XDG_CONFIG_HOME": "\(kubani.folder)/other"])
            #expect(elsewhere.status == 1 && elsewhere.stderr.contains("with another key than this machine's"))
            let own = try await run(kubani, "apply", "a.plan", "--limit", "n1")
            #expect(own.status == 1 && own.stderr.contains("it cannot be given --limit"), "\(own.stderr)")
            #expect(!kubani.exists("out"))
        }
    }
}
