import Model

/// A block of lines in a file, between two markers.
public struct Block: ShellKind {
    public typealias Found = EditedFile

    public static let name = "block"
    public static let summary =
        "A block of lines in a text file, between a line that begins it and one that ends it; the rest of the file stays "
        + "as it is. A symbolic link that root made is followed. The file is written atomically, and only if it still is what was looked "
        + "at. Files over 1 MiB are refused."
    public static let example = """
        - name: the cluster's names
          block:
            path: /etc/hosts
            name: cluster
            block: |
              100.64.0.11 n1
              100.64.0.12 n2
        """
    public static let fields =
        [
            Field("path", .path, required: true, "The file."),
            Field("name", .string, "Tells this block from others in the file: the markers hold it."),
            Field("block", .string, "The lines; needed unless state is absent."),
            Field("state", .oneOf(["present", "absent"]), "Whether the block is to be there; present unless given."),
            Field(
                "marker", .string,
                "The marker lines, where they are not `# {mark} kubani NAME`; {mark} is BEGIN and END. One that holds "
                    + "nothing else to tell it apart serves a single block: `# {mark} ANSIBLE MANAGED BLOCK`."),
            LineEdit.Place.afterField("a new block"), LineEdit.Place.beforeField,
            Field(
                "create", .bool,
                "Whether a missing file is made (0644, 0600 for a secret block; root); otherwise it is an error."),
            Field("mode", .mode, "The file's permission bits; otherwise kept."),
        ] + Permissions.ownerFields + [WholeFile.validateField]

    let editing: FileEditing
    let edit: BlockEdit

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        let isPresent = arguments.string("state") != "absent"
        editing = FileEditing(
            path: arguments.writtenPath("path", into: &errors), creates: arguments.bool("create") ?? false,
            isPresent: isPresent,
            isSensitive: ["name", "block", "marker", "after", "before"].contains { arguments.isSensitive($0) },
            permissions: Permissions(arguments, into: &errors), validate: arguments.script("validate")?.text,
            settled: isPresent ? "the block is there" : "no such block")
        let marker = Self.marker(arguments, into: &errors)
        var lines: [String]?
        if isPresent {
            lines = Self.lines(arguments, between: marker, into: &errors)
        } else {
            for field in ["block", "after", "before", "create"] where arguments.has(field) {
                errors.append(arguments.error("block: '\(field)' has no meaning with state: absent", at: field))
            }
        }
        edit = BlockEdit(
            begin: marker.begin, end: marker.end, lines: lines,
            place: LineEdit.Place(arguments, kind: Self.name, into: &errors))
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { editing.path }

    public static func probe(_ all: [Block]) -> Script { EditedFile.probe(all.map(\.editing.path)) }

    public static func read(_ output: [UInt8], of all: [Block]) throws(Failure) -> [Found] {
        try EditedFile.read(output, of: all.map(\.editing.path), deed: "look at blocks of files")
    }

    public func difference(from found: Found) -> Difference {
        editing.difference(from: found, kind: Self.name) { content throws(InputError) in
            try edit.applied(to: content)
        }
    }

    public var touches: [Effect] { [.path(editing.path)] }
    public func dependsOn(_ found: Found) -> [Effect] { found.dependsOn(editing.path) + editing.permissions.dependsOn }
}

extension Block {
    private static func marker(
        _ arguments: Arguments, into errors: inout [InputError]
    ) -> (begin: String, end: String) {
        let name = arguments.string("name")
        if name == nil, !arguments.has("marker") {
            errors.append(
                arguments.error("block: 'name' is missing", hint: "it tells this block from others in the file"))
            return ("", "")
        }
        let marker = arguments.string("marker") ?? "# {mark} kubani \(name ?? "")"
        let field = arguments.has("marker") ? "marker" : "name"
        if marker.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" }) || name?.isEmpty == true
            || marker.last == " " || marker.last == "\t"
        {
            errors.append(
                arguments.error("block.\(field): one line that ends with no blank is needed", at: field))
        }
        if !marker.contains("{mark}") {
            errors.append(
                arguments.error(
                    "block.marker: '{mark}' must be in it, which becomes BEGIN and END", at: "marker",
                    hint: "\"# {mark} \(name ?? "my block")\""))
        }
        if let name, arguments.has("marker"), !marker.contains(name) {
            errors.append(
                arguments.error("block: 'name' is not in 'marker', and so tells nothing apart", at: "name"))
        }
        return (marker.replacing("{mark}", with: "BEGIN"), marker.replacing("{mark}", with: "END"))
    }

    private static func lines(
        _ arguments: Arguments, between marker: (begin: String, end: String), into errors: inout [InputError]
    ) -> [String]? {
        guard let text = arguments.string("block"), text.contains(where: { !$0.isNewline }) else {
            errors.append(
                arguments.error(
                    "block: 'block' is missing", at: arguments.has("block") ? "block" : nil,
                    hint: "state: absent removes a block"))
            return nil
        }
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map(String.init)
        if lines.last == "" { lines.removeLast() }
        if lines.contains(where: { $0.unicodeScalars.contains("\r") }) {
            errors.append(arguments.error("block.block: a carriage return within a line", at: "block"))
        }
        if lines.contains(where: { $0 == marker.begin || $0 == marker.end }) {
            errors.append(arguments.error("block.block: it holds its own marker", at: "block"))
        }
        return lines
    }
}
