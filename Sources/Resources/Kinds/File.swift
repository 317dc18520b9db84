import Model

/// A file with the content, mode and owner that it should have.
///
/// A symbolic link at the path is replaced by a file, as Ansible's copy and template do without `follow`.
public struct File: ShellKind {
    public struct Found: Sendable, Equatable {
        /// nil where there is nothing.
        public var entry: NodeEntry?
        var way = PathWay()
        public var sha256: String?
        /// Of a small file that differs from what is wanted, for the diff.
        public var content: [UInt8]?
    }

    public static let name = "file"
    public static let summary =
        "A file with a given content, mode and owner. It is replaced whole and atomically; missing directories above "
        + "it are made (0755, root). A symbolic link in its place is replaced by a file, a directory is an error."
    public static let example = """
        - name: kernel modules for k3s
          file:
            path: /etc/modules-load.d/k3s.conf
            content: |
              br_netfilter
              overlay
            mode: "0644"
        """
    public static let fields =
        [Field("path", .path, required: true, "Where the file is.")]
        + FileContent.fields
        + [
            Field(
                "mode", .mode,
                "Permission bits; \"0644\" for a new file, \"0600\" where its content is secret, otherwise kept.")
        ] + Permissions.ownerFields + [WholeFile.validateField]

    let path: String
    let content: FileContent?
    let permissions: Permissions
    let validate: String?

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        path = arguments.writtenPath("path", into: &errors)
        content = FileContent.read(arguments, into: &errors)
        permissions = Permissions(arguments, into: &errors)
        validate = arguments.script("validate")?.text
        if path == "/" { errors.append(arguments.error("file: '/' is a directory", at: "path")) }
        if content == nil, permissions.isEmpty, errors.isEmpty {
            errors.append(
                arguments.error(
                    "file: nothing is asked of \(path)",
                    hint: "give it one of \(FileContent.fields.map(\.name).joined(separator: ", ")), or a mode or owner"
                ))
        }
        if content == nil, validate != nil, errors.isEmpty {
            errors.append(arguments.error("file: 'validate' needs a content", at: "validate"))
        }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { path }

    public static func probe(_ all: [File]) -> Script {
        PathsLook.probe(all.map(\.item), hashes: true, extras: differing)
    }

    /// Of what can be shown as a diff, the content that is another than the one wanted.
    private static let differing: Script = """
        extra() {
        if differs "$1" "$2" && [ "$2" ]; then content "$1" \(FileContent.diffLimit); else printf '\\0'; fi
        }
        """

    private var item: PathsLook.Item {
        PathsLook.Item(path: path, argument: showsDiff ? content?.sha256 ?? "" : "")
    }

    public static func read(_ output: [UInt8], of all: [File]) throws(Failure) -> [Found] {
        var output = ProbeOutput(output, deed: "look at files")
        let look = try PathsLook(&output, of: all.map(\.item), hashes: true, extras: 1)
        try output.end()
        return all.indices.map { i in
            let place = look[i]
            return Found(
                entry: place.entry, way: place.way, sha256: place.sha256,
                content: place.extras.first.flatMap { NodeContent.read($0, sha256: place.sha256) })
        }
    }

    public func difference(from found: Found) -> Difference {
        found.way.failure ?? found.way.noting(differenceThere(from: found))
    }

    private func differenceThere(from found: Found) -> Difference {
        guard let entry = found.entry else {
            guard let content else {
                return .fails(
                    cause: "\(path) does not exist, and the task gives no content",
                    hint: "give it one of \(FileContent.fields.map(\.name).joined(separator: ", "))")
            }
            return .change(
                Change(
                    .create,
                    details: [newDetail(content)] + newPermissions.details(from: nil),
                    steps: steps(writing: content, as: newPermissions, parents: true)))
        }
        switch entry.kind {
        case .directory: return .fails(cause: "\(path) is a directory", hint: "remove it with an 'absent' task first")
        case .special: return .fails(cause: "\(path) is a device, a socket or a pipe, not a file", hint: nil)
        case .link:
            guard let content else {
                return .fails(cause: "\(path) is a symbolic link", hint: "name the file that it leads to")
            }
            return .change(
                Change(
                    .update,
                    details: [.note("replaces a symbolic link"), newDetail(content)]
                        + newPermissions.details(from: nil),
                    steps: steps(writing: content, as: newPermissions, parents: false)))
        case .file: return difference(from: found, entry: entry)
        }
    }

    public var touches: [Effect] { [.path(path)] }

    public func dependsOn(_ found: Found) -> [Effect] {
        // A file that only has its mode or owner set may come with a package.
        [.path(path)] + permissions.dependsOn + (found.entry == nil && content == nil ? [.packages] : [])
    }
}

extension File {
    /// Secrets stay where they are: a file that holds one is compared by its hash alone.
    private var showsDiff: Bool { content.map { $0.text != nil && !$0.isSensitive } ?? false }

    private var newPermissions: Permissions {
        var all = permissions
        all.mode = all.mode ?? (content?.isSensitive == true ? 0o600 : 0o644)
        return all
    }

    private func newDetail(_ content: FileContent) -> Detail {
        let isPrivate = newPermissions.mode.map { Resources.isPrivate($0) } == true
        return content.detail(from: nil, size: nil, sha256: nil, isPrivate: isPrivate)
    }

    private func difference(from found: Found, entry: NodeEntry) -> Difference {
        var details: [Detail] = []
        let attributes = permissions.details(from: entry)
        if let content, found.sha256 != content.sha256 {
            guard let sha256 = found.sha256 else {
                return .fails(cause: "\(path) cannot be read", hint: "is sha256sum there, and the disk sound?")
            }
            let isPrivate = entry.isPrivate || permissions.mode.map { Resources.isPrivate($0) } == true
            details =
                [content.detail(from: found.content, size: entry.size, sha256: sha256, isPrivate: isPrivate)]
                + attributes
            return .change(
                Change(
                    .update, details: details,
                    steps: steps(writing: content, as: permissions.keeping(entry), parents: false)))
        }
        if attributes.isEmpty { return .none("present, \(entry.permissions)") }
        return .change(
            Change(
                .update, details: attributes,
                steps: [.run(permissions.script(for: path), deadline: .seconds(30))]))
    }

    private func steps(writing content: FileContent, as permissions: Permissions, parents: Bool) -> [Step] {
        WholeFile(
            path: path, content: content.write, permissions: permissions, makesFolder: parents, validate: validate
        ).steps
    }
}
