import Model

/// A job of cron's, in a file of its own.
public struct Cron: ShellKind {
    public struct Found: Sendable, Equatable {
        var file: EditedFile
        var hasCron: Bool
        var hasUser: Bool
    }

    public static let name = "cron"
    public static let summary =
        "A command that cron runs at its times, in a file of its own, `/etc/cron.d/NAME`. cron itself is a package, "
        + "which must be there before."
    public static let example = """
        - name: old images are removed at night
          cron:
            name: prune-images
            schedule: "30 3 * * *"
            job: k3s crictl rmi --prune
        """
    public static let fields = [
        Field("name", .string, required: true, "Names the file; cron passes over names with a dot."),
        Field(
            "schedule", .string,
            "When: minute, hour, day, month and weekday, as `*/5 * * * *`, or `@reboot`, `@hourly`, `@daily`, `@weekly`, "
                + "`@monthly`, `@yearly`; needed unless state is absent."),
        Field(
            "job", .string,
            "The command for sh, on one line; a `%` is a `%`, without a backslash. Needed unless state is absent."),
        Field("user", .string, "Whom it runs as; root unless given."),
        Field("environment", .map(.string), "Variables for it: PATH, MAILTO. With a secret the file is root's alone."),
        Field("state", .oneOf(["present", "absent"]), "Whether it is to be there; present unless given."),
    ]

    let name: String
    let user: String
    /// nil where it is to be gone.
    let text: String?
    let isSensitive: Bool

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        name = arguments.string("name") ?? ""
        if !CronText.isFileName(name) {
            errors.append(
                arguments.error(
                    "cron.name: '\(arguments.shown("name"))' cannot name a file of cron's", at: "name",
                    hint: "letters, digits, '-' and '_', for cron passes over all others"))
        }
        user = arguments.has("user") ? arguments.accountName("user", kind: Self.name, into: &errors) : "root"
        for field in ["schedule", "job"] {
            arguments.checkLine(field, kind: Self.name, allowing: "\t\n", into: &errors)
        }
        isSensitive = ["job", "environment"].contains { arguments.isSensitive($0) }
        if arguments.string("state") == "absent" {
            text = nil
        } else {
            for field in ["schedule", "job"] where !arguments.has(field) {
                errors.append(arguments.error("cron: '\(field)' is missing"))
            }
            text = CronText.text(arguments, user: user, into: &errors)
        }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { name }
    var path: String { "/etc/cron.d/\(name)" }

    public static func probe(_ all: [Cron]) -> Script {
        .lines(
            [
                "if command -v cron >/dev/null || command -v crond >/dev/null; then printf '1\\0'; else printf '0\\0'; fi",
                Accounts.probe(users: all.map(\.user), groups: []),
                EditedFile.probe(all.map(\.path)),
            ])
    }

    public static func read(_ output: [UInt8], of all: [Cron]) throws(Failure) -> [Found] {
        let deed = "look at cron's jobs"
        var fields = FieldReader(output, deed: deed)
        let hasCron = try fields.nextInt() == 1
        let accounts = try Accounts(&fields)
        let files = try EditedFile.read(fields.rest, of: all.map(\.path), deed: deed)
        return zip(all, files).map { cron, file in
            Found(file: file, hasCron: hasCron, hasUser: accounts.user(cron.user) != nil)
        }
    }

    public func difference(from found: Found) -> Difference {
        if let entry = found.file.entry, entry.kind != .file || found.file.target != path {
            return .fails(cause: "\(path) is not a file", hint: "remove it with an 'absent' task first")
        }
        guard let text else {
            guard found.file.entry != nil else { return .none("no such job") }
            return .change(
                Change(
                    .delete, details: [.note("removes \(path)")],
                    steps: [.run("rm -f -- \(path)", deadline: .seconds(30))]))
        }
        if !found.hasCron {
            return .fails(cause: "cron is not on the node", hint: "a package task of cron (cronie) comes before it")
        }
        if !found.hasUser {
            return .fails(
                cause: "the user \(user) does not exist on the node",
                hint: "cron would pass over the job; a user task before it makes it")
        }
        let access = Permissions(mode: isSensitive ? 0o600 : 0o644, owner: "root", group: "root")
        var details: [Detail] = []
        if found.file.content != Array(text.utf8) {
            details.append(
                .text(
                    path,
                    from: found.file.entry.map { _ in
                        found.file.shown(found.file.content ?? [], isSensitive: isSensitive)
                    }, to: found.file.shown(Array(text.utf8), isSensitive: isSensitive)))
        }
        if let entry = found.file.entry { details += access.details(from: entry) }
        if details.isEmpty { return .none("present") }
        return .change(
            Change(
                found.file.entry == nil ? .create : .update, details: details,
                steps: [
                    .write(
                        FileWrite(
                            path: path, content: .bytes(Array(text.utf8)), mode: access.mode, owner: "root",
                            group: "root"))
                ]))
    }

    public var touches: [Effect] { [.path(path)] }
    public func dependsOn(_ found: Found) -> [Effect] {
        if text == nil { return [.path(path)] }
        return [.path(path), .user(user), .package("cron")] + (found.hasCron && found.hasUser ? [] : [.packages])
    }
}
