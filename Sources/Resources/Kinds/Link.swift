import Model

/// A symbolic link that leads where it should.
public struct Link: ShellKind {
    public struct Found: Sendable, Equatable {
        /// What is at the path itself; nil where there is nothing.
        public var entry: NodeEntry?
        var way = PathWay()
        /// Where a link leads, as it is written.
        public var target: String?
    }

    public static let name = "link"
    public static let summary =
        "A symbolic link. It is put in place atomically, whether or not there is anything where it leads. A file in its "
        + "place is replaced only with `force: true`, a directory never. Missing directories above it are made (0755, "
        + "root)."
    public static let example = """
        - name: kubectl is k3s
          link:
            path: /usr/local/bin/kubectl
            target: k3s
        """
    public static let fields =
        [
            Field("path", .path, required: true, "Where the link is."),
            Field(
                "target", .string, required: true,
                "Where it leads: an absolute path, or one that begins in the link's own directory."),
            Field("force", .bool, "Whether a file, a socket or a pipe in its place is replaced."),
        ] + Permissions.ownerFields

    let path: String
    let target: String
    let isForced: Bool
    let permissions: Permissions

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        path = arguments.nodePath("path", into: &errors)
        target = arguments.string("target") ?? ""
        isForced = arguments.bool("force") ?? false
        permissions = Permissions(arguments, into: &errors)
        if path == "/" { errors.append(arguments.error("link: '/' is a directory", at: "path")) }
        if target.isEmpty || target.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" }) {
            errors.append(arguments.error("link.target: a path on one line is needed", at: "target"))
        } else if target == path {
            errors.append(arguments.error("link: \(path) would lead to itself", at: "target"))
        }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { path }

    public static func probe(_ all: [Link]) -> Script {
        // The dot keeps the line ends of a target that `$(…)` would take away.
        PathsLook.probe(
            items(all),
            extras: """
                extra() {
                to=
                if [ -L "$1" ]; then to=$(readlink -- "$1"; echo .); to=${to%??}; fi
                printf '%s\\0' "$to"
                }
                """)
    }

    private static func items(_ all: [Link]) -> [PathsLook.Item] { all.map { PathsLook.Item(path: $0.path) } }

    public static func read(_ output: [UInt8], of all: [Link]) throws(Failure) -> [Found] {
        var output = ProbeOutput(output, deed: "look at links")
        let look = try PathsLook(&output, of: items(all), extras: 1)
        try output.end()
        return all.indices.map { i in
            let place = look[i]
            let target = place.extras.first.map { String(decoding: $0, as: UTF8.self) }
            return Found(entry: place.entry, way: place.way, target: place.entry?.kind == .link ? target : nil)
        }
    }

    public func difference(from found: Found) -> Difference {
        found.way.failure ?? found.way.noting(differenceThere(from: found))
    }

    private func differenceThere(from found: Found) -> Difference {
        guard let entry = found.entry else {
            return .change(
                Change(
                    .create,
                    details: [.attribute("target", from: nil, to: Shown(target))] + permissions.details(from: nil),
                    steps: [put]))
        }
        switch entry.kind {
        case .directory:
            return .fails(cause: "\(path) is a directory", hint: "remove it with an 'absent' task first")
        case .file, .special:
            let what = entry.kind == .file ? "a file, \(entry.size) bytes" : "a device, a socket or a pipe"
            guard isForced else {
                return .fails(cause: "\(path) is \(what)", hint: "force: true replaces it by the link")
            }
            return .change(
                Change(
                    .update,
                    details: [.attribute("target", from: Shown(what), to: Shown(target))]
                        + permissions.details(from: nil), steps: [put]))
        case .link: break
        }
        let attributes = permissions.details(from: entry)
        guard let old = found.target, old.utf8.elementsEqual(target.utf8) else {
            return .change(
                Change(
                    .update,
                    details: [.attribute("target", from: found.target.map { Shown($0) }, to: Shown(target))]
                        + attributes, steps: [put]))
        }
        if attributes.isEmpty { return .none("leads to \(target)") }
        return .change(Change(.update, details: attributes, steps: [put]))
    }

    public var touches: [Effect] { [.path(path)] }
    public func dependsOn(_ found: Found) -> [Effect] { [.path(path)] + permissions.dependsOn }
}

extension Link {
    private var owning: Script { permissions.account.map { "chown -h -- \($0) ./new || exit" } ?? ":" }

    /// Made in a folder that root alone may write to, beside the path, and moved there.
    private var put: Step {
        .run(
            """
            \(NodeWay.functions)
            umask 022
            reach \(path) make || stop
            goal=$name
            own \(workName) || stop
            rm -f ./new
            ln -s -- \(target) ./new || exit
            \(owning)
            over ./new "../$goal"
            status=$?
            rm -f ./new
            cd .. && rmdir -- \("./" + workName)
            [ "$status" = 0 ] || stop
            """, deadline: .seconds(30))
    }

    private var workName: String { ".kubani-\(sha256(Array(path.utf8)).prefix(16))" }
}
