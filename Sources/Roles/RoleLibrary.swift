import Model
import OrderedCollections
import Resources
import TaskGraph
import Template

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The roles found in some folders, and the tasks they come to.
public struct RoleLibrary: Sendable {
    /// Each after those it names in `after`; otherwise by name. Those with mistakes too, as far as they can be read.
    public let roles: [Role]
    /// What is wrong with the roles as they are written; `check` finds these and what rendering shows.
    public let mistakes: [InputError]
    /// What tasks export, those on demand and those that cannot be read included.
    private let exportNames: Set<String>

    /// - Parameter folders: earlier ones win where two have a role of one name.
    public init(folders: [String]) {
        var exportNames: Set<String> = []
        var broken: Set<String> = []
        var found: OrderedDictionary<String, Role> = [:]
        var errors: [InputError] = []
        for folder in folders {
            let names: [String]
            do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
                errors.append(InputError("the folder of roles \(folder) cannot be read"))
                continue
            }
            for name in names.sorted() where found[name] == nil && !broken.contains(name) {
                let file = "\(folder)/\(name)/role.yml"
                guard let data = FileManager.default.contents(atPath: file) else {
                    // One that cannot be read must not give its place to another of its name.
                    if Self.isThere(file) {
                        broken.insert(name)
                        errors.append(InputError("\(file) cannot be read", hint: "may you read it? ls -l \(file)"))
                    }
                    continue
                }
                let reading = RoleReader.read([UInt8](data), file: file, folder: "\(folder)/\(name)")
                found[name] = reading.role
                if reading.role == nil { broken.insert(name) }
                errors += reading.errors
                exportNames.formUnion(reading.exportNames)
            }
        }
        for role in found.values {
            for name in role.after where found[name] == nil && !broken.contains(name) {
                errors.append(
                    InputError(
                        "role: 'after' names '\(name)', and there is no such role", at: role.origin,
                        hint: nearestName(to: name, among: found.keys).map { "did you mean '\($0)'?" }))
            }
        }
        errors += Self.circles(found)
        roles = Self.ordered(found)
        mistakes = InputErrors(errors).errors
        self.exportNames = exportNames
    }

    /// Whether something has the name, be it a link to nothing; what cannot be told counts as there.
    private static func isThere(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 || ![ENOENT, ENOTDIR].contains(errno)
    }

    private init(roles: [Role], of library: RoleLibrary) {
        self.roles = roles
        mistakes = library.mistakes
        exportNames = library.exportNames
    }

    /// - Throws: `mistakes`, where there are any.
    public func refuseMistakes() throws(InputErrors) {
        if !mistakes.isEmpty { throw InputErrors(mistakes) }
    }

    /// The roles that a plan of the whole has, or only those named, on demand or not.
    public func chosen(_ names: [String]? = nil) -> RoleLibrary {
        RoleLibrary(roles: roles.filter { role in names?.contains(role.name) ?? !role.isOnDemand }, of: self)
    }

    /// Roles that come after each other: a circle is told once, at its first role.
    private static func circles(_ found: OrderedDictionary<String, Role>) -> [InputError] {
        var errors: [InputError] = []
        var done: Set<String> = []
        func visit(_ name: String, _ trail: [String]) {
            if let start = trail.firstIndex(of: name) {
                let circle = (trail[start...] + [name]).joined(separator: " → ")
                errors.append(
                    InputError("role: 'after' goes in a circle: \(circle)", at: found[name]?.origin, hint: "break it"))
                return
            }
            guard done.insert(name).inserted, let role = found[name] else { return }
            for before in role.after { visit(before, trail + [name]) }
        }
        for name in found.keys { visit(name, []) }
        return errors
    }

    private static func ordered(_ found: OrderedDictionary<String, Role>) -> [Role] {
        var out: [Role] = []
        var seen: Set<String> = []
        func visit(_ role: Role) {
            guard seen.insert(role.name).inserted else { return }
            for name in role.after { if let before = found[name] { visit(before) } }
            out.append(role)
        }
        for role in found.values.sorted(by: { $0.name < $1.name }) { visit(role) }
        return out
    }

    /// The tasks of all roles on the hosts chosen.
    ///
    /// - Parameter hosts: for a role, the hosts of the run that its pattern names, in the inventory's order.
    /// - Throws: every mistake that rendering on these hosts shows.
    public func tasks(
        on site: Site, hosts: (Role) throws(InputErrors) -> [String]
    ) throws(InputErrors) -> (tasks: [HostTask], orders: [RoleOrder]) {
        let (tasks, orders, errors) = expanded(on: site, hosts: hosts)
        try Self.refuse(mistakes + errors)
        return (tasks, orders)
    }

    private func expanded(
        on site: Site, hosts: (Role) throws(InputErrors) -> [String]
    ) -> (tasks: [HostTask], orders: [RoleOrder], errors: [InputError]) {
        var site = site
        site.exportNames = exportNames
        var tasks: [HostTask] = []
        var orders: [RoleOrder] = []
        var errors: [InputError] = []
        for role in roles {
            do throws(InputErrors) {
                let names = try hosts(role)
                orders.append(
                    RoleOrder(name: role.name, after: role.after, rolling: try rolling(role, names, site), hosts: names)
                )
                for host in names {
                    var expansion = Expansion(role: role, host: host, site: site)
                    tasks += expansion.tasks()
                    errors += expansion.errors
                }
            } catch {
                errors += error.placed(at: role.hostsOrigin).errors
            }
        }
        return (tasks, orders, errors)
    }

    /// Throws them, each place's message once: what reading found, rendering finds again.
    private static func refuse(_ errors: [InputError]) throws(InputErrors) {
        var seen: Set<[String]> = []
        let unique = errors.filter { seen.insert([$0.message, $0.origin?.description ?? ""]).inserted }
        if !unique.isEmpty { throw InputErrors(unique) }
    }

    /// How many hosts at a time: as its first host's variables have it.
    private func rolling(_ role: Role, _ hosts: [String], _ site: Site) throws(InputErrors) -> Int? {
        guard let value = role.rolling, let host = hosts.first else { return nil }
        let scope = site.scope(host: host, role: role.name, defaults: role.defaults)
        let rendered = try render(value, in: scope, cache: site.templates)
        if rendered.isNull || !rendered.unknowns.isEmpty { return nil }
        guard let width = rendered.int ?? rendered.string.flatMap({ Int($0) }), width > 0 else {
            throw InputErrors(
                InputError("rolling: a whole number from 1 is needed, not '\(rendered)'", at: value.origin))
        }
        return width
    }

    /// Expands and resolves every task with facts and exports not known yet: finds unknown names and wrong values
    /// without touching a host.
    /// - Returns: the tasks, as far as they can be told so early.
    /// - Throws: every mistake found.
    @discardableResult
    public func check(
        on site: Site, hosts: (Role) throws(InputErrors) -> [String]
    ) throws(InputErrors) -> [HostTask] {
        let (tasks, orders, expanding) = expanded(on: site, hosts: hosts)
        var errors = mistakes + expanding
        for task in tasks { if case .invalid(let found) = task.resolve(Exports()) { errors += found.errors } }
        try Self.refuse(errors)
        _ = try TaskGraph(tasks: tasks, roles: orders)
        return tasks
    }
}
