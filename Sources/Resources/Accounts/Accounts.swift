import Model

/// A node's users and groups, as its name service tells them: those of its own files and any that a task names.
public struct Accounts: Sendable, Equatable {
    public struct User: Sendable, Equatable {
        public var name: String
        public var uid: Int
        public var gid: Int
        public var comment: String
        public var home: String
        public var shell: String
    }

    public struct Group: Sendable, Equatable {
        public var name: String
        public var gid: Int
        public var members: [String]
    }

    public var users: [User] = []
    public var groups: [Group] = []

    /// One `getent` a database, and one more for names that only a directory service knows. Leaves `homeOf NAME`.
    static func probe(users: [String], groups: [String]) -> Script {
        """
        database() {
        if command -v getent >/dev/null; then
        getent "$1"
        [ $# -eq 1 ] || getent "$@"
        else
        cat "/etc/$1"
        fi 2>/dev/null
        }
        homeOf() {
        printf '%s\\n' "$users" | while IFS=: read -r name _ _ _ _ home _; do
        if [ "$name" = "$1" ]; then printf '%s' "$home"; break; fi
        done
        }
        users=$(database passwd \(distinct(users)))
        groups=$(database group \(distinct(groups)))
        printf '%s\\0%s\\0' "$users" "$groups"
        """
    }

    init() {}

    init(_ fields: inout FieldReader) throws(Failure) {
        for line in try fields.next().split(separator: "\n") {
            let parts = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 7, let uid = Int(parts[2]), let gid = Int(parts[3]), user(parts[0]) == nil else {
                continue
            }
            users.append(
                User(name: parts[0], uid: uid, gid: gid, comment: parts[4], home: parts[5], shell: parts[6]))
        }
        for line in try fields.next().split(separator: "\n") {
            let parts = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 4, let gid = Int(parts[2]), group(parts[0]) == nil else { continue }
            groups.append(Group(name: parts[0], gid: gid, members: parts[3].split(separator: ",").map(String.init)))
        }
        if users.isEmpty { throw fields.unreadable("the node has no users") }
    }

    func user(_ name: String) -> User? { users.first { $0.name == name } }
    func group(_ name: String) -> Group? { groups.first { $0.name == name } }
    func group(gid: Int) -> Group? { groups.first { $0.gid == gid } }
    /// A group by its name or its number.
    func group(named name: String) -> Group? { group(name) ?? Int(name).flatMap { group(gid: $0) } }

    private static func distinct(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}

extension Effect {
    /// One user, as a part of the file that all are in: two tasks on two users have nothing to do with each other, and
    /// both have to do with a task on the file.
    static func user(_ name: String) -> Effect { .path("/etc/passwd/\(name)") }
    static func group(_ name: String) -> Effect { .path("/etc/group/\(name)") }
    static var users: Effect { .path("/etc/passwd") }
    static var groups: Effect { .path("/etc/group") }
}

extension Arguments {
    /// The name of a user or a group that a task makes or names.
    func accountName(_ field: String, kind: String, into errors: inout [InputError]) -> String {
        let name = string(field) ?? ""
        if has(field) { checkAccountName(name, field, kind: kind, into: &errors) }
        return name
    }

    func checkAccountName(_ name: String, _ field: String, kind: String, into errors: inout [InputError]) {
        if isAccountName(name) { return }
        errors.append(
            error(
                "\(kind).\(field): '\(shown(field, name))' is no name of an account", at: field,
                hint: "at most 32 letters, digits, '_', '-' and '.', the first a letter or '_'"))
    }
}

func isAccountName(_ name: String) -> Bool {
    isUserName(name) && name.utf8.count <= 32 && !"0123456789.".contains(name.prefix(1))
}
