import Model

/// A file system at a path of the node.
public struct Mount: ShellKind {
    public struct Found: Sendable, Equatable {
        var fstab: EditedFile
        var now: MountedNow?
        var way = PathWay()
        /// Where the path leads, as the kernel names it.
        var real: String?
        /// The device that the source names, as `major:minor`; nil where it names none that is there.
        var device: String?
        /// Whether the source is a path, and the same as what is at the path.
        var isSame = false
        /// How much there is at the path now, which a mount would hide.
        var entries = 0
    }

    public static let name = "mount"
    public static let summary = """
        A file system at a path: its line in /etc/fstab, where all others keep every byte, and whether it is mounted \
        now. systemd is told of a changed line, and a file system that is mounted with other options is remounted. \
        Where a mount fails, /etc/fstab is put back as it was, so that the node still boots.
        """
    public static let example = """
        - name: disk for the media
          mount:
            path: /srv/media
            source: UUID=6a4c2bc8-3f1f-4f2e-9f0d-0c7b7c2d7b11
            fstype: ext4
            options: noatime,nofail
        """
    public static let fields = [
        Field("path", .path, required: true, "Where it is mounted; a missing directory is made."),
        Field(
            "source", .string,
            "What is mounted: a device, `UUID=…`, `LABEL=…`, `server:/path`, `tmpfs`; needed with mounted and present."),
        Field("fstype", .string, "Its type: ext4, nfs, tmpfs, none for a bind; needed with mounted and present."),
        Field(
            "options", .string, "Its options with commas; `defaults` unless given. A disk that may be absent: nofail."),
        Field("pass", .int, "When fsck checks it at boot: 0 (never, unless given), 1 or 2."),
        Field(
            "state", .oneOf(["mounted", "present", "unmounted", "absent"]),
            "mounted (the default): in /etc/fstab, and now; present: in /etc/fstab; unmounted: not now; absent: neither."
        ),
    ]

    enum State: String, Sendable, Hashable { case mounted, present, unmounted, absent }

    let path: String
    let state: State
    /// What /etc/fstab is to have; nil where it is not asked for.
    let entry: FstabEntry?

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        path = arguments.nodePath("path", into: &errors)
        state = arguments.string("state").flatMap { State(rawValue: $0) } ?? .mounted
        let isWanted = state == .mounted || state == .present
        for field in ["source", "fstype", "options", "pass"] {
            if !isWanted, arguments.has(field) {
                errors.append(
                    arguments.error("mount: '\(field)' has no meaning with state: \(state.rawValue)", at: field))
            }
        }
        for field in ["source", "fstype"] where isWanted && !arguments.has(field) {
            errors.append(arguments.error("mount: '\(field)' is missing"))
        }
        for field in ["source", "fstype", "options"] {
            guard let text = arguments.string(field) else { continue }
            let isOk = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7f }
            if text.isEmpty || text.hasPrefix("#") || text.hasPrefix("-") || !(isOk || field == "source")
                || text.contains(where: \.isNewline)
            {
                errors.append(
                    arguments.error(
                        "mount.\(field): '\(arguments.shown(field))' cannot stand in /etc/fstab", at: field,
                        hint: field == "options" ? "options with commas and no blanks: noatime,nofail" : nil))
            }
        }
        for field in ["path", "source"] { arguments.checkLine(field, kind: Self.name, into: &errors) }
        if arguments.string("fstype") == "swap" {
            errors.append(arguments.error("mount.fstype: swap is mounted nowhere", at: "fstype"))
        }
        if let pass = arguments.int("pass"), !(0...2).contains(pass) {
            errors.append(arguments.error("mount.pass: 0, 1 or 2 is needed", at: "pass"))
        }
        if path == "/", !isWanted {
            errors.append(arguments.error("mount: the node's root stays where it is", at: "path"))
        }
        if arguments.isSensitive("options") || arguments.isSensitive("source") {
            errors.append(
                arguments.error(
                    "mount: everybody on the node can read /etc/fstab", at: "options",
                    hint: "credentials=/root/file, a file with mode 0600"))
        }
        entry =
            isWanted
            ? FstabEntry(
                source: arguments.string("source") ?? "", path: path, type: arguments.string("fstype") ?? "",
                options: arguments.string("options") ?? "defaults", pass: arguments.int("pass") ?? 0) : nil
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { path }

    static let fstab = "/etc/fstab"

    public static func probe(_ all: [Mount]) -> Script {
        .lines(
            [
                "tr -d '\\000' </proc/self/mountinfo\nprintf '\\0'", EditedFile.probe([fstab]), NodeWay.functions,
                placeFunction,
            ] + all.map { "place \($0.path) \($0.entry?.source ?? "")" })
    }

    public static func read(_ output: [UInt8], of all: [Mount]) throws(Failure) -> [Found] {
        let deed = "look at what is mounted"
        var fields = FieldReader(output, deed: deed)
        let mounts = try fields.next()
        var rest = ProbeOutput(fields.rest, deed: deed)
        let file = try EditedFile.read(&rest, of: [fstab])[0]
        var found: [Found] = []
        for mount in all {
            var one = Found(fstab: file)
            let refusal = try rest.text()
            one.way = PathWay(
                through: try rest.text().split(separator: "\n").map(String.init),
                refusal: refusal.isEmpty ? nil : refusal)
            one.real = try rest.text()
            one.now = MountedNow.at(one.real ?? mount.path, in: mounts)
            one.device = MountedNow.device(try rest.text())
            one.isSame = try rest.text() == "yes"
            one.entries = try rest.number()
            found.append(one)
        }
        try rest.end()
        return found
    }

    /// `place PATH SOURCE` prints why the path is not gone to, the links on the way, where it really is, which device the
    /// source is, whether source and path are the same, and how many entries there are.
    private static let placeFunction: Script = #"""
        place() {
            real=$1
            if enter "$1"; then
                real=${here:-/}
            elif [ -n "$missing" ]; then
                refused=
                ! reach "$1" || real=$here/$name
                refused=
            fi
            printf '%s\0%s\0%s\0' "$refused" "$through" "$real"
            case $2 in
            UUID=*) node=/dev/disk/by-uuid/${2#*=} ;;
            LABEL=*) node=/dev/disk/by-label/${2#*=} ;;
            PARTUUID=*) node=/dev/disk/by-partuuid/${2#*=} ;;
            PARTLABEL=*) node=/dev/disk/by-partlabel/${2#*=} ;;
            *) node=$2 ;;
            esac
            [ ! -b "$node" ] || stat -L -c %t:%T -- "$node"
            printf '\0'
            case $2 in /*) [ ! "$2" -ef "$real" ] || printf yes ;; esac
            printf '\0'
            n=0
            if [ -z "$refused$missing" ]; then
                for e in ./* ./.[!.]* ./..?*; do if [ -e "$e" ] || [ -L "$e" ]; then n=$((n + 1)); fi; done
            fi
            printf '%s\0' "$n"
        }
        """#

    public var touches: [Effect] { (state == .present ? [] : [.path(path)]) + [.path(Self.fstab)] }
    public func dependsOn(_ found: Found) -> [Effect] {
        [.entry(path), .path(Self.fstab)] + (entry.map { $0.source.hasPrefix("/") ? [.path($0.source)] : [] } ?? [])
    }
}
