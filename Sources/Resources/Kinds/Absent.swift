import Model

/// A path with nothing at it.
public struct Absent: ShellKind {
    public struct Found: Sendable, Equatable {
        /// nil where there is nothing, as it should be.
        public var entry: NodeEntry?
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
        let paths = all.map(\.path)
        return .lines(
            [
                NodeEntries.probe(paths),
                """
                entriesOf() {
                n=0
                if [ -d "$1" ] && ! [ -L "$1" ]; then
                for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do
                if [ -e "$e" ] || [ -L "$e" ]; then n=$((n + 1)); fi
                done
                fi
                printf '%s\\0' "$n"
                }
                """,
            ] + paths.map { "entriesOf \($0)" })
    }

    public static func read(_ output: [UInt8], of all: [Absent]) throws(Failure) -> [Found] {
        var output = ProbeOutput(output, deed: "look at what is to be absent")
        let entries = try NodeEntries(&output)
        var found: [Found] = []
        for absent in all {
            found.append(Found(entry: entries.at(absent.path), entries: try output.number()))
        }
        try output.end()
        return found
    }

    public func difference(from found: Found) -> Difference {
        guard let entry = found.entry else { return .none("absent") }
        let step: Script
        let what: String
        switch entry.kind {
        case .directory where found.entries == 0:
            what = "an empty directory"
            step = "rmdir -- \(path)"
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
            step = "rm -f -- \(path)"
        case .link:
            what = "a symbolic link"
            step = "rm -f -- \(path)"
        case .special:
            what = "a device, a socket or a pipe"
            step = "rm -f -- \(path)"
        }
        return .change(
            Change(
                .delete, details: [.attribute("path", from: Shown("\(what), \(entry.permissions)"), to: nil)],
                steps: [.run(step, deadline: .seconds(300))]))
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
        """
        while read -r _ _ _ _ at _; do
        case $at in \(mountName) | \(mountName)/*)
        echo "a file system is mounted at $at: unmount it first" >&2
        exit 1 ;;
        esac
        done </proc/self/mountinfo
        rm -rf -- \(path)
        """
    }

    /// The path as /proc/self/mountinfo writes it.
    private var mountName: String {
        var out = ""
        for scalar in path.unicodeScalars {
            switch scalar {
            case " ": out += "\\040"
            case "\t": out += "\\011"
            case "\n": out += "\\012"
            case "\\": out += "\\134"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
