import Model

/// What an archive holds, unpacked into a directory.
public struct Archive: ShellKind {
    public struct Found: Sendable, Equatable {
        /// The directory; nil where there is nothing.
        public var entry: NodeEntry?
        var way = PathWay()
        /// The archive on the node.
        public var source: NodeEntry?
        /// Whether what it `creates` is there.
        public var isCreated = false
        /// Whether an earlier run was stopped while it unpacked.
        public var isInterrupted = false
        /// Why the archive cannot be read.
        public var problem: String?
        var comparison: ArchiveComparison?
    }

    public static let name = "archive"
    public static let summary = """
        What an archive (tar, plain or compressed by gzip, xz, zstd or bzip2; or zip) holds, unpacked into a directory. \
        With `src`, an archive on the node, a plan compares member by member: names, kinds, sizes, owners, modes and \
        contents; files beside them are left alone. With `url` there is nothing on the node to compare with, so \
        `creates` must tell that it is there: best a path with the version in its name. A new version at old paths is a \
        `download` and an `archive` with `src`. Members that would lead out of the directory, and devices, are refused \
        before anything is unpacked. Programs with set-user-id or set-group-id bits are named in the plan; with `url`, \
        where a plan cannot see them, the bits are taken away.
        """
    public static let example = """
        - name: helm
          archive:
            url: https://get.helm.sh/helm-v3.16.2-linux-amd64.tar.gz
            sha256: 9318379b847e333460d33d291d4c088156299a26cd93d570a7f5d0c36e50b5bb
            path: /opt/helm-v3.16.2
            strip_components: 1
            creates: /opt/helm-v3.16.2/helm
        """
    public static let fields =
        [
            Field("path", .path, required: true, "The directory; it is made where it is missing (0755, root)."),
            Field("src", .path, "The archive, where it is on the node already."),
            Field("url", .string, "The archive, where the node is to fetch it; it is removed once it is unpacked."),
        ] + RemoteFile.checksumFields + [
            Field(
                "format", .oneOf(ArchiveFormat.allCases.map(\.rawValue)),
                "What it is, where its name does not end so."),
            Field("strip_components", .int, "How many leading parts of the members' names are dropped (0)."),
            Field("creates", .path, "A path that comes with it: while something is there, nothing is to be done."),
            Field(
                "mode", .mode,
                "Permission bits of the files; directories get an x for each r. Otherwise as the archive has them."),
            Field("owner", .string, "The user that owns the members, by name or number (root)."),
            Field("group", .string, "Their group, by name or number (root)."),
        ]

    enum Source: Sendable, Hashable {
        case node(String)
        case network(RemoteFile)
    }

    let path: String
    let source: Source
    let format: ArchiveFormat
    let stripComponents: Int
    let creates: String?
    let permissions: Permissions

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        path = arguments.nodePath("path", into: &errors)
        permissions = Permissions(arguments, into: &errors)
        // tar and unzip take what follows a backslash for something else.
        for field in ["path", "src"] {
            arguments.checkLine(field, kind: Self.name, without: "\\", into: &errors)
        }
        creates = arguments.has("creates") ? arguments.nodePath("creates", into: &errors) : nil
        stripComponents = arguments.int("strip_components") ?? 0
        if !(0...100).contains(stripComponents) {
            errors.append(
                arguments.error("archive.strip_components: a number from 0 to 100 is needed", at: "strip_components"))
        }
        let source = Self.source(arguments, creates, into: &errors)
        let name: String? =
            switch source {
            case .node(let path): path
            case .network(let file): arguments.string("name") ?? WebAddress(file.url)?.fileName
            case nil: nil
            }
        let format =
            arguments.string("format").flatMap { ArchiveFormat(rawValue: $0) }
            ?? name.flatMap { ArchiveFormat(name: $0) }
        if let name, format == nil {
            let shown = arguments.shown(arguments.has("src") ? "src" : "url", name)
            errors.append(
                arguments.error(
                    "archive: the name '\(shown)' does not tell what it is",
                    hint: "format: \(ArchiveFormat.allCases.map(\.rawValue).joined(separator: ", "))"))
        }
        if format == .zip, stripComponents > 0 {
            errors.append(
                arguments.error("archive: 'strip_components' does not go with a zip archive", at: "strip_components"))
        }
        guard let source, let format, errors.isEmpty else { throw InputErrors(errors) }
        self.source = source
        self.format = format
    }

    private static func source(
        _ arguments: Arguments, _ creates: String?, into errors: inout [InputError]
    ) -> Source? {
        switch (arguments.has("src"), arguments.has("url")) {
        case (true, false):
            for field in RemoteFile.checksumFields.map(\.name) where arguments.has(field) {
                errors.append(arguments.error("archive.\(field): goes with 'url' only", at: field))
            }
            return .node(arguments.nodePath("src", into: &errors))
        case (false, true):
            if creates == nil {
                errors.append(
                    arguments.error(
                        "archive: 'url' needs 'creates', for nothing else tells whether it is unpacked", at: "url",
                        hint: "or a download task, and 'src': a plan then compares every member"))
            }
            return RemoteFile(arguments, kind: name, into: &errors).map { .network($0) }
        default:
            errors.append(arguments.error("archive: exactly one of 'src' and 'url' is needed"))
            return nil
        }
    }

    public var subject: String { path }

    public var texts: [String] {
        if case .network(let file) = source, let list = file.list { [list] } else { [] }
    }

    public var probeDeadline: Duration { comparesSource == nil ? .seconds(60) : .seconds(300) }

    /// The archive that a look compares with.
    var comparesSource: String? {
        if creates == nil, case .node(let path) = source { path } else { nil }
    }

    public var touches: [Effect] { path == "/" ? [.everything] : [.path(path)] }

    public func dependsOn(_ found: Found) -> [Effect] {
        var effects = touches + permissions.dependsOn
        if let creates { effects.append(.path(creates)) }
        if case .node(let path) = source { effects.append(.path(path)) }
        // What reads it may come with a package.
        if found.problem != nil { effects.append(.packages) }
        return effects
    }
}
