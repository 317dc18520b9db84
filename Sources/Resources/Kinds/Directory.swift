import Model

/// A directory with the mode and owner that it should have.
public struct Directory: ShellKind {
    public struct Found: Sendable, Equatable {
        /// What the path leads to; nil where there is nothing.
        public var entry: NodeEntry?
        var way = PathWay()
        /// With `recurse`: how many entries below it have another owner or group.
        public var strays: Int
    }

    public static let name = "directory"
    public static let shorthand: String? = "path"
    public static let summary =
        "A directory with a given mode and owner. Missing directories above it are made (0755, root). A symbolic link "
        + "of root's to a directory is as good as one; anything else in its place is an error."
    public static let example = """
        - name: configuration of k3s
          directory:
            path: /etc/rancher/k3s
            mode: "0755"
            owner: root
            group: root
        """
    public static let fields =
        [
            Field("path", .path, required: true, "Where the directory is."),
            Field("mode", .mode, "Permission bits; \"0755\" for a new directory, otherwise kept."),
        ] + Permissions.ownerFields + [
            Field("recurse", .bool, "Whether owner and group (not the mode) hold for everything below it, too.")
        ]

    let path: String
    let permissions: Permissions
    let recurses: Bool

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        path = arguments.nodePath("path", into: &errors)
        permissions = Permissions(arguments, into: &errors)
        recurses = arguments.bool("recurse") ?? false
        if recurses, permissions.account == nil, errors.isEmpty {
            errors.append(arguments.error("directory: 'recurse' needs an owner or a group", at: "recurse"))
        }
        if recurses, path == "/" {
            errors.append(arguments.error("directory: 'recurse' on / would change the whole node", at: "recurse"))
        }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { path }

    public var probeDeadline: Duration { recurses ? .seconds(300) : .seconds(60) }

    public static func probe(_ all: [Directory]) -> Script {
        .lines([FollowedPaths.probe(all.map(\.path))] + all.filter(\.recurses).map(\.strays))
    }

    public static func read(_ output: [UInt8], of all: [Directory]) throws(Failure) -> [Found] {
        var output = ProbeOutput(output, deed: "look at directories")
        let paths = try FollowedPaths(&output, of: all.map(\.path))
        var found: [Found] = []
        for (i, directory) in all.enumerated() {
            found.append(
                Found(
                    entry: paths[i].entry ?? paths[i].link, way: paths[i].way,
                    strays: directory.recurses ? try output.number() : 0))
        }
        try output.end()
        return found
    }

    public func difference(from found: Found) -> Difference {
        found.way.failure ?? found.way.noting(differenceThere(from: found))
    }

    private func differenceThere(from found: Found) -> Difference {
        guard let entry = found.entry else {
            var wanted = permissions
            wanted.mode = wanted.mode ?? 0o755
            return .change(
                Change(
                    .create, details: wanted.details(from: nil),
                    steps: [.run(making(wanted), deadline: .seconds(30))]))
        }
        switch entry.kind {
        case .directory: break
        case .link: return .fails(cause: "\(path) is a symbolic link that leads nowhere", hint: nil)
        case .file, .special:
            return .fails(cause: "\(path) is not a directory", hint: "remove it with an 'absent' task first")
        }
        var details = permissions.details(from: entry)
        if found.strays > 0 {
            details.append(
                .note("\(found.strays) \(found.strays == 1 ? "entry" : "entries") below with another owner or group"))
        }
        if details.isEmpty { return .none("present, \(entry.permissions)") }
        return .change(Change(.update, details: details, steps: [.run(settling, deadline: .seconds(300))]))
    }

    public var touches: [Effect] { [recurses ? .path(path) : .entry(path)] }

    public func dependsOn(_ found: Found) -> [Effect] {
        // A missing one is made with the first file that is put below it.
        [recurses || found.entry == nil ? .path(path) : .entry(path)] + permissions.dependsOn
    }
}

extension Directory {
    /// From within: what is here stays what it is, wherever its name leads by now.
    private var settling: Script {
        """
        \(NodeWay.functions)
        enter \(path) || stop
        \(whole)
        """
    }

    private var whole: Script {
        guard recurses, let account = permissions.account else { return permissions.set(on: ".") }
        var mode = permissions
        mode.owner = nil
        mode.group = nil
        return """
            \(NodeTree.functions)
            ownTree \(account) && \(mode.set(on: "."))
            """
    }

    /// The mode comes with the directory, so that a private one never stands open.
    private func making(_ wanted: Permissions) -> Script {
        """
        \(NodeWay.functions)
        umask 022
        reach \(path) make || stop
        mkdir -m \(octal(wanted.mode ?? 0o755)) -- "./$name" 2>/dev/null || [ -d "./$name" ] || { refused="$here/$name could not be made"; stop; }
        enter \(path) || stop
        \(wanted.set(on: "."))
        """
    }

    private var strays: Script {
        var tests: [Script] = []
        if let owner = permissions.owner { tests.append("! -user \(owner)") }
        if let group = permissions.group { tests.append("! -group \(group)") }
        let test = Script(written: tests.map(\.text).joined(separator: " -o "))
        return """
            if [ -d \(path) ] && enter \(path); then
            find . -mindepth 1 '(' \(test) ')' -print0 2>/dev/null | tr -cd '\\0' | wc -c
            fi
            printf '\\0'
            """
    }
}
