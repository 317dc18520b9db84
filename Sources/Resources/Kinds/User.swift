import Model

/// A user of the node.
public struct User: ShellKind {
    public struct Found: Sendable, Equatable {
        var accounts: Accounts
        var password: UserPassword.Found
        /// Whether the home that it is to have, or else has, is there.
        var hasHome: Bool
        /// Whether the shell that it is to have can be run.
        var hasShell: Bool
    }

    public static let name = "user"
    public static let summary = """
        A user of the node: its number, groups, home, shell and password. What is not given stays as it is. A new home \
        is made from /etc/skel; one that is there is neither moved nor removed unless `remove_home` says so.
        """
    public static let example = """
        - name: the operator
          user:
            name: operator
            groups: [sudo]
            shell: /bin/bash
        """
    public static let shorthand: String? = "name"
    public static let fields = [
        Field("name", .string, required: true, "Its name."),
        Field("uid", .int, "Its number; the next free one for a new user, otherwise kept."),
        Field(
            "group", .string,
            "Its own group, by name or number; for a new user one of its name, made with it, otherwise kept."),
        Field("groups", .oneOrMany(.string), "Further groups that it is in; they must be there."),
        Field("append", .bool, "Whether it stays in other groups than `groups` (true); with false it leaves them."),
        Field("shell", .path, "Its login shell."),
        Field("home", .path, "Its home; files of an old one stay where they are."),
        Field(
            "create_home", .bool,
            "Whether a home that is missing is made (true; false for a system user)."),
        Field("comment", .string, "Who it is, in words."),
        Field("system", .bool, "Whether a new user gets a number below those of people (false)."),
        Field(
            "password", .string,
            "The hash of its password, a secret, as `openssl passwd -6` makes it; `*` for none at all."),
        Field("locked", .bool, "Whether its password lets nobody in; keys still do."),
        Field("state", .oneOf(["present", "absent"]), "Whether it is to be there; present unless given."),
        Field("remove_home", .bool, "With state absent: whether its home and mail are removed, too (false)."),
    ]

    let name: String
    let uid: Int?
    let group: String?
    /// nil leaves them alone.
    let groups: [String]?
    let appends: Bool
    let shell: String?
    let home: String?
    let createsHome: Bool
    let comment: String?
    let isSystem: Bool
    let password: UserPassword
    let isPresent: Bool
    let removesHome: Bool

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        name = arguments.accountName("name", kind: Self.name, into: &errors)
        uid = arguments.int("uid")
        if let uid, !(0..<4_294_967_295).contains(uid) || (uid == 0) != (name == "root") {
            errors.append(
                arguments.error(
                    "user.uid: \(uid) is no number for \(name)", at: "uid", hint: "0 is root's, and root's alone"))
        }
        group = arguments.string("group")
        if let group, Int(group) == nil {
            arguments.checkAccountName(group, "group", kind: Self.name, into: &errors)
        }
        groups = arguments.strings("groups")
        for group in groups ?? [] { arguments.checkAccountName(group, "groups", kind: Self.name, into: &errors) }
        appends = arguments.bool("append") ?? true
        if !appends, groups == nil {
            errors.append(
                arguments.error("user: append: false needs 'groups'", at: "append", hint: "groups: [] for none"))
        }
        shell = arguments.has("shell") ? arguments.nodePath("shell", into: &errors) : nil
        home = arguments.has("home") ? arguments.nodePath("home", into: &errors) : nil
        comment = arguments.string("comment")
        // A line of /etc/passwd.
        for field in ["shell", "home", "comment"] {
            arguments.checkLine(field, kind: Self.name, without: ":", into: &errors)
        }
        isSystem = arguments.bool("system") ?? false
        createsHome = arguments.bool("create_home") ?? !isSystem
        password = UserPassword(arguments, kind: Self.name, into: &errors)
        isPresent = arguments.string("state") != "absent"
        removesHome = arguments.bool("remove_home") ?? false
        if isPresent, removesHome {
            errors.append(arguments.error("user: 'remove_home' goes with state: absent", at: "remove_home"))
        }
        if !isPresent {
            for field in Self.fields.map(\.name)
            where !["name", "state", "remove_home"].contains(field) && arguments.has(field) {
                errors.append(arguments.error("user: '\(field)' has no meaning with state: absent", at: field))
            }
            if name == "root" { errors.append(arguments.error("user: root cannot be removed", at: "name")) }
        }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { name }

    public static func probe(_ all: [User]) -> Script {
        .lines(
            [
                Accounts.probe(
                    users: all.map(\.name), groups: all.flatMap { ($0.groups ?? []) + ($0.group.map { [$0] } ?? []) }),
                UserPassword.prepare,
                """
                home() {
                home=$2
                [ -n "$home" ] || home=$(homeOf "$1")
                if [ -d "$home" ]; then printf '1\\0'; else printf '0\\0'; fi
                if [ -z "$3" ] || [ -x "$3" ]; then printf '1\\0'; else printf '0\\0'; fi
                }
                """,
            ]
                + all.map {
                    "password \($0.name) \($0.password.hash ?? "")\nhome \($0.name) \($0.home ?? "") \($0.shell ?? "")"
                })
    }

    public static func read(_ output: [UInt8], of all: [User]) throws(Failure) -> [Found] {
        var fields = FieldReader(output, deed: "look at users")
        let accounts = try Accounts(&fields)
        var found: [Found] = []
        for _ in all {
            found.append(
                Found(
                    accounts: accounts, password: try UserPassword.Found(&fields),
                    hasHome: try fields.nextInt() == 1, hasShell: try fields.nextInt() == 1))
        }
        try fields.end()
        return found
    }

    /// That it is in a group is its own, for no other task asks who is in one; what it needs is that the group is there.
    public var touches: [Effect] {
        let mayTouchHome = isPresent ? createsHome || uid != nil : removesHome
        return [.user(name), .path("/etc/shadow/\(name)"), .group(name)]
            + (mayTouchHome ? [.path(home ?? "/home/\(name)")] : [])
    }

    public func dependsOn(_ found: Found) -> [Effect] {
        var effects: [Effect] = [uid == nil ? .user(name) : .users, .group(name)]
        if found.accounts.user(name) == nil { effects.append(.packages) }
        if !isPresent { return effects }
        effects +=
            group.flatMap { Int($0) } == nil
            ? ((groups ?? []) + (group.map { [$0] } ?? [])).map { .group($0) } : [.groups]
        if !password.isEmpty { effects.append(.path("/etc/shadow/\(name)")) }
        if let shell { effects += [.path(shell)] + (found.hasShell ? [] : [.packages]) }
        if createsHome { effects.append(.entry(home ?? found.accounts.user(name)?.home ?? "/home/\(name)")) }
        return effects
    }
}
