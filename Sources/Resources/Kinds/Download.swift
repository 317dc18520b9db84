import Model

/// A file of the network, at a path of the node, with the hash that it must have.
public struct Download: ShellKind {
    public struct Found: Sendable, Equatable {
        /// nil where there is nothing.
        public var entry: NodeEntry?
        var way = PathWay()
        public var sha256: String?
    }

    public static let name = "download"
    public static let summary =
        "A file that is fetched from a URL, by the node itself or by the machine that kubani runs on. Its SHA-256 is "
        + "known beforehand: as long as the file there has it, nothing is fetched, and nothing else ever takes the "
        + "file's place. A fetch that is cut off goes on where it stopped, also in the next run. The node needs curl or "
        + "wget, unless `via: laptop`."
    public static let example = """
        - name: k3s
          download:
            url: "https://github.com/k3s-io/k3s/releases/download/v1.34.9%2Bk3s1/k3s"
            checksums: "https://github.com/k3s-io/k3s/releases/download/v1.34.9%2Bk3s1/sha256sum-amd64.txt"
            path: /usr/local/bin/k3s
            mode: "0755"
        """
    public static let fields =
        [
            Field("url", .string, required: true, "Where the file is, http or https."),
            Field("path", .path, required: true, "Where it is to be on the node."),
        ] + RemoteFile.checksumFields + [
            Field("mode", .mode, "Permission bits; \"0644\" for a new file, otherwise kept.")
        ] + Permissions.ownerFields + [
            Field(
                "via", .oneOf(["node", "laptop"]),
                "Who fetches it: the node (the default), or the machine that kubani runs on, which sends it.")
        ]

    let file: RemoteFile
    let path: String
    let permissions: Permissions
    let isViaLaptop: Bool

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        path = arguments.writtenPath("path", into: &errors)
        if path == "/" { errors.append(arguments.error("download: '/' is a directory", at: "path")) }
        let file = RemoteFile(arguments, kind: Self.name, into: &errors)
        permissions = Permissions(arguments, into: &errors)
        isViaLaptop = arguments.string("via") == "laptop"
        guard let file, errors.isEmpty else { throw InputErrors(errors) }
        self.file = file
    }

    public var subject: String { path }
    public var texts: [String] { file.list.map { [$0] } ?? [] }

    /// Hashing is reading: 100 MB a second is a slow disk's pace.
    public var probeDeadline: Duration { .seconds(120) }

    public static func probe(_ all: [Download]) -> Script {
        PathsLook.probe(all.map { PathsLook.Item(path: $0.path) }, hashes: true)
    }

    public static func read(_ output: [UInt8], of all: [Download]) throws(Failure) -> [Found] {
        var output = ProbeOutput(output, deed: "look at downloads")
        let look = try PathsLook(&output, of: all.map { PathsLook.Item(path: $0.path) }, hashes: true)
        try output.end()
        return all.indices.map { Found(entry: look[$0].entry, way: look[$0].way, sha256: look[$0].sha256) }
    }

    public func difference(from found: Found) -> Difference {
        found.way.failure ?? found.way.noting(differenceThere(from: found))
    }

    private func differenceThere(from found: Found) -> Difference {
        guard let entry = found.entry else {
            return .change(Change(.create, details: content(from: nil) + new.details(from: nil), steps: steps(as: new)))
        }
        switch entry.kind {
        case .directory: return .fails(cause: "\(path) is a directory", hint: "remove it with an 'absent' task first")
        case .special: return .fails(cause: "\(path) is a device, a socket or a pipe, not a file", hint: nil)
        case .link:
            return .change(
                Change(
                    .update,
                    details: [.note("replaces a symbolic link")] + content(from: nil) + new.details(from: nil),
                    steps: steps(as: new)))
        case .file: break
        }
        let attributes = permissions.details(from: entry)
        guard found.sha256 == file.sha256 else {
            guard let sha256 = found.sha256 else {
                return .fails(cause: "\(path) cannot be read", hint: "is sha256sum there, and the disk sound?")
            }
            return .change(
                Change(
                    .update, details: content(from: "\(entry.size) bytes, sha256 \(sha256.prefix(12))") + attributes,
                    steps: steps(as: permissions.keeping(entry))))
        }
        if attributes.isEmpty { return .none("\(entry.permissions), sha256 \(file.sha256.prefix(12))") }
        return .change(
            Change(
                .update, details: attributes, steps: [.run(permissions.script(for: path), deadline: .seconds(30))]))
    }

    public var touches: [Effect] { [.path(path)] }
    public func dependsOn(_ found: Found) -> [Effect] { [.path(path)] + permissions.dependsOn }
}

extension Download {
    private func content(from old: String?) -> [Detail] {
        [
            .attribute("content", from: old.map { Shown($0) }, to: Shown("sha256 \(file.sha256.prefix(12))")),
            .attribute("url", from: nil, to: file.shown),
        ]
    }

    private var new: Permissions {
        var all = permissions
        all.mode = all.mode ?? 0o644
        return all
    }

    private func steps(as permissions: Permissions) -> [Step] {
        guard !isViaLaptop else {
            return [
                .write(
                    FileWrite(
                        path: path, content: .fetched(url: file.url, sha256: file.sha256), mode: permissions.mode,
                        owner: permissions.owner, group: permissions.group, makesFolder: true))
            ]
        }
        let fetch = NodeFetch(
            file: file, target: path,
            otherwise: "via: laptop lets the machine that kubani runs on fetch it")
        return [
            .run(
                """
                \(NodeWay.functions)
                umask 022
                reach \(path) make || stop
                goal=$name
                [ ! -d "./$goal" ] || [ -L "./$goal" ] || { refused=\("\(path) is a directory"); stop; }
                \(fetch.script)
                \(permissions.set(on: "\"$partial\"")) || exit
                sync -- "$partial" 2>/dev/null || sync
                over "$partial" "../$goal" || stop
                sync -- .. 2>/dev/null || :
                """, deadline: NodeFetch.deadline)
        ]
    }
}
