import Model

/// A group of the node's users.
public struct Group: ShellKind {
    public typealias Found = Accounts

    public static let name = "group"
    public static let summary =
        "A group of users. Who is in it is said by the `user` tasks. A group that is some user's own is not removed."
    public static let example = """
        - name: group for the media files
          group:
            name: media
            gid: 2000
        """
    public static let shorthand: String? = "name"
    public static let fields = [
        Field("name", .string, required: true, "Its name."),
        Field("gid", .int, "Its number; the next free one for a new group, otherwise kept."),
        Field("system", .bool, "Whether a new group gets a number below those of people (false)."),
        Field("state", .oneOf(["present", "absent"]), "Whether it is to be there; present unless given."),
    ]

    let name: String
    let gid: Int?
    let isSystem: Bool
    let isPresent: Bool

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        name = arguments.accountName("name", kind: Self.name, into: &errors)
        gid = arguments.int("gid")
        isSystem = arguments.bool("system") ?? false
        isPresent = arguments.string("state") != "absent"
        if let gid, !(0..<4_294_967_295).contains(gid) {
            errors.append(arguments.error("group.gid: \(gid) is no number of a group", at: "gid"))
        }
        if !isPresent {
            for field in ["gid", "system"] where arguments.has(field) {
                errors.append(arguments.error("group: '\(field)' has no meaning with state: absent", at: field))
            }
            if name == "root" { errors.append(arguments.error("group: root cannot be removed", at: "name")) }
        }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { name }

    public static func probe(_ all: [Group]) -> Script { Accounts.probe(users: [], groups: all.map(\.name)) }

    public static func read(_ output: [UInt8], of all: [Group]) throws(Failure) -> [Found] {
        var fields = FieldReader(output, deed: "look at groups")
        let accounts = try Accounts(&fields)
        try fields.end()
        return all.map { _ in accounts }
    }

    public func difference(from found: Accounts) -> Difference {
        let group = found.group(name)
        guard isPresent else {
            guard let group else { return .none("no such group") }
            let users = found.users.filter { $0.gid == group.gid }.map(\.name)
            if !users.isEmpty {
                return .fails(
                    cause: "\(name) is the own group of \(users.joined(separator: ", "))",
                    hint: "remove these users, or give them another group, before it")
            }
            return .change(
                Change(
                    .delete,
                    details: group.members.isEmpty
                        ? [] : [.attribute("members", from: Shown(group.members.joined(separator: ", ")), to: nil)],
                    steps: [.run("groupdel \(name)", deadline: .seconds(60))]))
        }
        if let gid, let holder = found.group(gid: gid), holder.name != name {
            return .fails(cause: "\(gid) is the number of the group \(holder.name)", hint: "give another gid")
        }
        guard let group else {
            let options = (isSystem ? ["-r"] : []) + (gid.map { ["-g", String($0)] } ?? [])
            return .change(
                Change(
                    .create, details: gid.map { [.attribute("gid", from: nil, to: Shown(String($0)))] } ?? [],
                    steps: [.run("groupadd \(options) -- \(name)", deadline: .seconds(60))]))
        }
        guard let gid, gid != group.gid else { return .none("present, gid \(group.gid)") }
        return .change(
            Change(
                .update,
                details: [
                    .attribute("gid", from: Shown(String(group.gid)), to: Shown(String(gid))),
                    .note("files of the group \(group.gid) keep that number"),
                ], steps: [.run("groupmod -g \(gid) -- \(name)", deadline: .seconds(60))]))
    }

    public var touches: [Effect] { [.group(name)] }

    public func dependsOn(_ found: Accounts) -> [Effect] {
        var effects: [Effect] = [gid == nil ? .group(name) : .groups]
        if found.group(name) == nil { effects.append(.packages) }
        return effects + (isPresent ? [] : [.users])
    }
}
