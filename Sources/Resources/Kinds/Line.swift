import Model

/// One line of a file, held in it or kept out of it.
public struct Line: ShellKind {
    public typealias Found = EditedFile

    public static let name = "line"
    public static let summary =
        "One line of a text file that is there, or is not; the rest of the file stays as it is. A symbolic link that root "
        + "made is followed, mode and owner are kept. The file is written atomically, and only if it still is what was "
        + "looked at. Files over 1 MiB are refused."
    public static let example = """
        - name: no root login by password
          line:
            path: /etc/ssh/sshd_config
            match: ^#?PermitRootLogin\\b
            line: PermitRootLogin prohibit-password
        """
    public static let fields = [
        Field("path", .path, required: true, "The file."),
        Field("line", .string, "The line, without its end; needed unless state is absent and match is given."),
        Field(
            "match", .string,
            "A regular expression. Present: the last line that matches is replaced by `line`. Absent: all lines that "
                + "match are removed."),
        Field(
            "state", .oneOf(["present", "absent"]),
            "Whether the line is to be there; present unless given. Absent without match removes lines equal to `line`."
        ),
        LineEdit.Place.afterField("a new line"), LineEdit.Place.beforeField,
        Field(
            "create", .bool,
            "Whether a missing file is made (0644, 0600 for a secret line; root); otherwise it is an error."),
    ]

    let editing: FileEditing
    let edit: LineEdit

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        let isPresent = arguments.string("state") != "absent"
        editing = FileEditing(
            path: arguments.writtenPath("path", into: &errors), creates: arguments.bool("create") ?? false,
            isPresent: isPresent,
            isSensitive: ["line", "match", "after", "before"].contains { arguments.isSensitive($0) },
            settled: isPresent ? "the line is there" : "no such line")
        let line = arguments.string("line")
        if line == nil, isPresent || !arguments.has("match") {
            errors.append(
                arguments.error("line: 'line' is missing", hint: isPresent ? nil : "or give 'match': what to remove"))
        }
        if line?.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" }) == true {
            errors.append(
                arguments.error("line: one line only", at: "line", hint: "use one task a line, with for_each"))
        }
        LineEdit.checkPattern("match", of: arguments, kind: Self.name, into: &errors)
        let place = LineEdit.Place(arguments, kind: Self.name, into: &errors)
        if !isPresent {
            for field in ["after", "before", "create"] where arguments.has(field) {
                errors.append(arguments.error("line: '\(field)' has no meaning with state: absent", at: field))
            }
        }
        edit = LineEdit(line: line, match: arguments.string("match"), isPresent: isPresent, place: place)
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { editing.path }

    public static func probe(_ all: [Line]) -> Script { EditedFile.probe(all.map(\.editing.path)) }

    public static func read(_ output: [UInt8], of all: [Line]) throws(Failure) -> [Found] {
        try EditedFile.read(output, of: all.map(\.editing.path), deed: "look at lines of files")
    }

    public func difference(from found: Found) -> Difference {
        editing.difference(from: found, kind: Self.name) { content throws(InputError) in
            try edit.applied(to: content)
        }
    }

    public var touches: [Effect] { [.path(editing.path)] }
    public func dependsOn(_ found: Found) -> [Effect] { found.dependsOn(editing.path) + editing.permissions.dependsOn }
}
