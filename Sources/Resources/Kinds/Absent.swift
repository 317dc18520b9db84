import Model

/// A path with nothing at it.
public struct Absent: ShellKind {
    public struct Found: Sendable, Equatable {
        /// nil where there is nothing, as it should be.
        public var entry: NodeEntry?
        var way = PathWay()
        /// How many entries a directory holds, those below them not counted.
        public var entries: Int
    }

    public static let name = "absent"
    public static let shorthand: String? = "path"
    public static let summary =
        "A file, link or directory that is not to be there. A link itself is removed, not what it leads to. A "
        + "directory that holds anything needs `recurse: true`; one on which a file system is mounted, and those that "
        + "the system is made of, are refused."
    public static let example = """
        - name: no leftovers of an older installation
          absent:
            path: /var/lib/rancher/k3s/agent/old
            recurse: true
        """
    public static let fields = [
        Field("path", .path, required: true, "What is not to be there."),
        Field("recurse", .bool, "Whether a directory goes with all that it holds."),
    ]

    let path: String
    let recurses: Bool

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        path = arguments.nodePath("path", into: &errors)
        recurses = arguments.bool("recurse") ?? false
        if Self.isVital(path) {
            errors.append(
                arguments.error(
                    "absent: \(path) is part of the system, and is not removed", at: "path",
                    hint: "name what is to go below it"))
        }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { path }

    public static func probe(_ all: [Absent]) -> Script {
        PathsLook.probe(
            items(all),
            extras: """
                extra() {
                n=0
                if [ -d "$1" ] && ! [ -L "$1" ]; then
                for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do
                if [ -e "$e" ] || [ -L "$e" ]; then n=$((n + 1)); fi
                done
                fi
                printf '%s\\0' "$n"
                }
                """)
    }

    private static func items(_ all: [Absent]) -> [PathsLook.Item] { all.map { PathsLook.Item(path: $0.path) } }

    public static func read(_ output: [UInt8], of all: [Absent]) throws(Failure) -> [Found] {
        var output = ProbeOutput(output, deed: "look at what is to be absent")
        let look = try PathsLook(&output, of: items(all), extras: 1)
        try output.end()
        return all.indices.map { i in
            let count = look[i].extras.first.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
            return Found(entry: look[i].entry, way: look[i].way, entries: count ?? 0)
        }
    }

    public func difference(from found: Found) -> Difference {
        found.way.failure ?? found.way.noting(differenceThere(from: found))
    }

    private func differenceThere(from found: Found) -> Difference {
        guard let entry = found.entry else { return .none("absent") }
        let step: Script
        let what: String
        switch entry.kind {
        case .directory where found.entries == 0:
            what = "an empty directory"
            step = #"rmdir -- "./$name""#
        case .directory:
            what = "a directory, \(found.entries) \(found.entries == 1 ? "entry" : "entries")"
            guard recurses else {
                return .fails(
                    cause: "\(path) is a directory with \(found.entries) \(found.entries == 1 ? "entry" : "entries")",
                    hint: "recurse: true removes it with all that it holds")
            }
            step = removingTree
        case .file:
            what = "a file, \(entry.size) bytes"
            step = #"rm -f -- "./$name""#
        case .link:
            what = "a symbolic link"
            step = #"rm -f -- "./$name""#
        case .special:
            what = "a device, a socket or a pipe"
            step = #"rm -f -- "./$name""#
        }
        return .change(
            Change(
                .delete, details: [.attribute("path", from: Shown("\(what), \(entry.permissions)"), to: nil)],
                steps: [.run("\(NodeWay.functions)\nreach \(path) || stop\n\(step)", deadline: .seconds(300))]))
    }

    public var touches: [Effect] { [.path(path)] }
    public func dependsOn(_ found: Found) -> [Effect] { [.path(path)] }
}

extension Absent {
    /// What no role may remove: the system's own directories and those that packages put their things in.
    private static let vital: Set<String> = [
        "/", "/bin", "/boot", "/boot/efi", "/boot/firmware", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64",
        "/libx32", "/lost+found", "/media", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin", "/snap", "/srv", "/sys",
        "/tmp", "/usr", "/var",
    ]
    /// Nor any one directly below these.
    private static let vitalParents: Set<String> = ["/dev", "/proc", "/sys", "/usr", "/var"]
    private static let vitalBelow: Set<String> = [
        "/etc/apt", "/etc/default", "/etc/pam.d", "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow",
        "/etc/fstab", "/etc/ssh", "/etc/ssh/sshd_config", "/etc/sudoers", "/etc/sudoers.d", "/etc/systemd",
        "/etc/systemd/system", "/lib/modules", "/lib/systemd", "/root/.ssh", "/usr/lib/modules", "/usr/lib/systemd",
        "/usr/local/bin", "/usr/local/lib", "/usr/local/sbin", "/usr/local/share", "/var/lib/apt", "/var/lib/dpkg",
        "/var/lib/rpm", "/var/lib/systemd", "/var/lib/kubani",
    ]

    static func isVital(_ path: String) -> Bool {
        vital.contains(path) || vitalBelow.contains(path) || vitalParents.contains(parent(of: path))
            || path.hasPrefix("/proc/") || path.hasPrefix("/sys/")
    }

    /// `rm -r` would go through a mounted file system and empty that, so there must be none.
    private var removingTree: Script {
        #"""
        \#(NodeTree.functions)
        # As /proc/self/mountinfo writes it.
        real=$(printf '%s' "$here/$name" | sed -e ':a' -e '$!{N;ba' -e '}' -e 's/\\/\\134/g' -e 's/ /\\040/g' -e 's/\t/\\011/g' -e 's/\n/\\012/g')
        while read -r _ _ _ _ mounted _; do
        case $mounted in "$real" | "$real"/*)
        echo "a file system is mounted at $mounted: unmount it first" >&2
        exit 1 ;;
        esac
        done </proc/self/mountinfo
        removeTree "$name"
        """#
    }
}
