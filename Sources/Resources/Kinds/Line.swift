import Model

/// One line of a file, held in it or kept out of it.
public struct Line: ShellKind {
    public struct Found: Sendable, Equatable {
        /// What the path leads to; nil where there is nothing.
        public var entry: NodeEntry?
        /// The file itself, where the path is a link.
        public var target: String
        public var sha256: String?
        /// nil where the file is too large or could not be read.
        public var content: [UInt8]?
    }

    /// Larger files are no configuration: refused.
    public static let limit = 1024 * 1024

    public static let name = "line"
    public static let summary =
        "One line of a text file that is there, or is not; the rest of the file stays as it is. A symbolic link is "
        + "followed, mode and owner are kept. The file is written atomically, and only if it still is what was "
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
        Field(
            "after", .string,
            "Where a new line goes: after the last line that matches this regular expression, or EOF (as it is "
                + "without one, and where none matches)."),
        Field("before", .string, "As after: before the last line that matches, or BOF for the start of the file."),
        Field(
            "create", .bool,
            "Whether a missing file is made (0644, 0600 for a secret line; root); otherwise it is an error."),
    ]

    let path: String
    let edit: LineEdit
    let creates: Bool
    let isSensitive: Bool

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        path = arguments.nodePath("path", into: &errors)
        creates = arguments.bool("create") ?? false
        isSensitive = ["line", "match", "after", "before"].contains { arguments.isSensitive($0) }
        let isPresent = arguments.string("state") != "absent"
        let line = arguments.string("line")
        if line == nil, isPresent || !arguments.has("match") {
            errors.append(
                arguments.error("line: 'line' is missing", hint: isPresent ? nil : "or give 'match': what to remove"))
        }
        if line?.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" }) == true {
            errors.append(
                arguments.error("line: one line only", at: "line", hint: "use one task a line, with for_each"))
        }
        for field in ["match", "after", "before"] {
            guard let text = arguments.string(field) else { continue }
            do throws(InputError) {
                _ = try LineEdit.pattern(text)
            } catch {
                // Which names the expression.
                let why = arguments.isSensitive(field) ? "(sensitive) is not a regular expression" : error.message
                errors.append(arguments.error("line.\(field): \(why)", at: field))
            }
        }
        if arguments.has("after"), arguments.has("before") {
            errors.append(arguments.error("line: 'after' and 'before' do not go together", at: "before"))
        }
        if !isPresent {
            for field in ["after", "before", "create"] where arguments.has(field) {
                errors.append(arguments.error("line: '\(field)' has no meaning with state: absent", at: field))
            }
        }
        var place = LineEdit.Place.end
        if let after = arguments.string("after"), after != "EOF" { place = .after(after) }
        if let before = arguments.string("before") { place = before == "BOF" ? .start : .before(before) }
        edit = LineEdit(line: line, match: arguments.string("match"), isPresent: isPresent, place: place)
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { path }

    public static func probe(_ all: [Line]) -> Script {
        let paths = distinctPaths(all)
        return .lines(
            [
                NodeEntries.probe(paths), NodeHashes.probe(paths), NodeContent.functions(),
                """
                target() {
                if [ -L "$1" ]; then readlink -f -- "$1"; fi
                printf '\\0'
                }
                """,
            ]
                + paths.flatMap { ["target \($0)", NodeContent.probe($0, limit: limit)] })
    }

    public static func read(_ output: [UInt8], of all: [Line]) throws(Failure) -> [Found] {
        let paths = distinctPaths(all)
        var output = ProbeOutput(output, deed: "look at lines of files")
        let entries = try NodeEntries(&output)
        let hashes = try NodeHashes(&output, of: paths)
        var found: [String: Found] = [:]
        for (index, path) in paths.enumerated() {
            let target = String(decoding: try output.record().dropLast(), as: UTF8.self)
            found[path] = Found(
                entry: entries.following(path), target: target.isEmpty ? path : target, sha256: hashes[index],
                content: try NodeContent.read(&output, sha256: hashes[index]))
        }
        try output.end()
        return all.map { found[$0.path] ?? Found(entry: nil, target: $0.path) }
    }

    public func difference(from found: Found) -> Difference {
        guard let entry = found.entry else {
            if !edit.isPresent { return .none("\(path) does not exist") }
            if !creates { return .fails(cause: "\(path) does not exist", hint: "create: true makes it") }
            return difference(from: [], of: nil, target: found.target, sha256: nil)
        }
        guard entry.kind == .file else { return .fails(cause: "\(path) is not a file", hint: nil) }
        if entry.size > Self.limit {
            return .fails(
                cause: "\(path) has \(entry.size) bytes; line edits files of at most \(Self.limit)",
                hint: "put the setting into a file of its own")
        }
        guard let content = found.content else {
            return .fails(cause: "\(path) could not be read, or changed while it was", hint: nil)
        }
        return difference(from: content, of: entry, target: found.target, sha256: found.sha256)
    }

    public var touches: [Effect] { [.path(path)] }

    public func dependsOn(_ found: Found) -> [Effect] {
        // A file that is not there yet may come with a package.
        var effects: [Effect] = [.path(path)]
        if found.target != path { effects.append(.path(found.target)) }
        if found.entry == nil { effects.append(.packages) }
        return effects
    }
}

extension Line {
    private static func distinctPaths(_ all: [Line]) -> [String] {
        var seen: Set<String> = []
        return all.map(\.path).filter { seen.insert($0).inserted }
    }

    private func difference(
        from content: [UInt8], of entry: NodeEntry?, target: String, sha256: String?
    ) -> Difference {
        let new: [UInt8]
        do throws(InputError) {
            new = try edit.applied(to: content)
        } catch {
            return .fails(cause: error.message, hint: nil)
        }
        if new == content, entry != nil || !edit.isPresent {
            return .none(edit.isPresent ? "the line is there" : "no such line")
        }
        func shown(_ bytes: [UInt8]) -> Shown {
            Shown(isSensitive ? "" : String(decoding: bytes, as: UTF8.self), isSensitive: isSensitive)
        }
        return .change(
            Change(
                entry == nil ? .create : .update,
                details: [.text("content", from: entry.map { _ in shown(content) }, to: shown(new))],
                steps: [
                    .run(Self.guarding(target, sha256: sha256), deadline: .seconds(30)),
                    .write(
                        FileWrite(
                            path: target, content: .bytes(new), mode: entry == nil && isSensitive ? 0o600 : nil)),
                ]))
    }

    /// Fails where the file is no longer the one that was looked at: the new content was made from that one, and would
    /// undo what another program wrote since.
    private static func guarding(_ path: String, sha256: String?) -> Script {
        guard let sha256 else {
            return """
                if [ -e \(path) ]; then echo "it has been made since it was looked at" >&2; exit 1; fi
                umask 022
                mkdir -p -- \(parent(of: path))
                """
        }
        return """
            now=$(sha256sum <\(path)) || exit 1
            if [ "${now%% *}" != \(sha256) ]; then echo "it has changed since it was looked at" >&2; exit 1; fi
            """
    }
}
