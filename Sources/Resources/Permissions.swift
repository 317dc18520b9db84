import Model

/// The mode and owner that a task asks for; nil is "as it is".
struct Permissions: Sendable, Hashable {
    var mode: UInt16?
    var owner: String?
    var group: String?

    static let ownerFields = [
        Field("owner", .string, "The user that owns it, by name or number; root for a new one, otherwise kept."),
        Field("group", .string, "Its group, by name or number; root for a new one, otherwise kept."),
    ]

    init(mode: UInt16? = nil, owner: String? = nil, group: String? = nil) {
        self.mode = mode
        self.owner = owner
        self.group = group
    }

    init(_ arguments: Arguments, into errors: inout [InputError]) {
        mode = arguments.mode("mode")
        owner = Self.account("owner", of: arguments, into: &errors)
        group = Self.account("group", of: arguments, into: &errors)
    }

    var isEmpty: Bool { mode == nil && owner == nil && group == nil }

    /// What differs, old → new; everything that was asked for where there is nothing yet.
    func details(from entry: NodeEntry?) -> [Detail] {
        var details: [Detail] = []
        if let mode, entry?.mode != mode {
            details.append(.attribute("mode", from: entry.map { Shown(octal($0.mode)) }, to: Shown(octal(mode))))
        }
        if let owner, entry.map({ !Self.names(owner, $0.uid, $0.owner) }) ?? true {
            details.append(
                .attribute("owner", from: entry.map { Self.shown($0.uid, $0.owner) }, to: Shown(owner)))
        }
        if let group, entry.map({ !Self.names(group, $0.gid, $0.group) }) ?? true {
            details.append(
                .attribute("group", from: entry.map { Self.shown($0.gid, $0.group) }, to: Shown(group)))
        }
        return details
    }

    /// What was asked for, and otherwise what the file has by now that is replaced by another.
    func keeping(_ entry: NodeEntry) -> Permissions {
        Permissions(
            mode: mode ?? entry.mode, owner: owner ?? String(entry.uid), group: group ?? String(entry.gid))
    }

    /// Sets what was asked for at a name that leads nowhere: `.`, or what a script has opened. Owner before mode, for a
    /// change of owner clears the set-id bits.
    ///
    /// The mode has five digits, for GNU's chmod keeps a directory's set-id bits where there are fewer.
    func set(on name: Script) -> Script {
        var lines: [Script] = []
        if let account { lines.append("chown -- \(account) \(name)") }
        if let mode { lines.append("chmod -- \("0" + octal(mode)) \(name)") }
        return lines.isEmpty ? ":" : Script(written: lines.map(\.text).joined(separator: " && "))
    }

    /// Sets what was asked for on a file, by what was opened of it (`NodeWay`); a link of root's is followed.
    func script(for path: String) -> Script {
        """
        \(NodeWay.functions)
        reach \(path) && follow || stop
        [ -f "./$name" ] || { refused="$here/$name is not a file"; stop; }
        { held || stop; \(set(on: "/proc/self/fd/7")); } 7<"./$name"
        """
    }

    /// What stands behind the names that were asked for: their numbers may become others.
    var dependsOn: [Effect] {
        [owner.map { Int($0) == nil ? Effect.user($0) : nil }, group.map { Int($0) == nil ? Effect.group($0) : nil }]
            .compactMap { $0 ?? nil }
    }

    /// As chown takes it: `owner`, `owner:group` or `:group`.
    var account: String? {
        owner == nil && group == nil ? nil : (owner ?? "") + (group.map { ":" + $0 } ?? "")
    }

    private static func names(_ wanted: String, _ id: Int, _ name: String) -> Bool {
        Int(wanted).map { $0 == id } ?? (wanted == name)
    }

    private static func shown(_ id: Int, _ name: String) -> Shown { Shown(name == "UNKNOWN" ? String(id) : name) }

    private static func account(
        _ field: String, of arguments: Arguments, into errors: inout [InputError]
    ) -> String? {
        guard let name = arguments.string(field) else { return nil }
        let isPlain = name.utf8.allSatisfy {
            $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "/")
        }
        if name.isEmpty || name.hasPrefix("-") || name.hasPrefix("+") || !isPlain {
            errors.append(arguments.error("'\(arguments.shown(field))' is no name of an account", at: field))
        }
        return name
    }
}

/// Permission bits as people write them: "0644".
func octal(_ mode: UInt16) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}

extension NodeEntry {
    /// "0644 root:root", for people.
    var permissions: String { "\(octal(mode)) \(owner):\(group)" }
}
