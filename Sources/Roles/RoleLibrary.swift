import Model
import OrderedCollections
import Resources
import TaskGraph
import Template

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The roles found in some folders, and the tasks they come to.
public struct RoleLibrary: Sendable {
    /// Each after those it names in `after`; otherwise by name.
    public let roles: [Role]

    /// - Parameter folders: earlier ones win where two have a role of one name.
    /// - Throws: every mistake in every role.
    public init(folders: [String]) throws(InputErrors) {
        var found: OrderedDictionary<String, Role> = [:]
        var errors: [InputError] = []
        for folder in folders {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names.sorted() where found[name] == nil {
                let file = "\(folder)/\(name)/role.yml"
                guard let data = FileManager.default.contents(atPath: file) else { continue }
                do throws(InputErrors) {
                    found[name] = try RoleReader.read([UInt8](data), file: file, folder: "\(folder)/\(name)")
                } catch {
                    errors += error.errors
                }
            }
        }
        for role in found.values {
            for name in role.after
            where found[name] == nil && !errors.contains(where: { $0.origin?.file.contains("/\(name)/") == true }) {
                errors.append(
                    InputError(
                        "role: 'after' names '\(name)', and there is no such role", at: role.origin,
                        hint: nearestName(to: name, among: found.keys).map { "did you mean '\($0)'?" }))
            }
        }
        guard errors.isEmpty else { throw InputErrors(errors) }
        roles = Self.ordered(found)
    }

    private init(roles: [Role]) { self.roles = roles }

    /// The roles that a plan of the whole has, or only those named, on demand or not.
    public func chosen(_ names: [String]? = nil) -> RoleLibrary {
        RoleLibrary(roles: roles.filter { role in names?.contains(role.name) ?? !role.isOnDemand })
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
        var tasks: [HostTask] = []
        var orders: [RoleOrder] = []
        var errors: [InputError] = []
        for role in roles {
            let names = try hosts(role)
            orders.append(
                RoleOrder(name: role.name, after: role.after, rolling: try rolling(role, names, site), hosts: names))
            for host in names {
                var expansion = Expansion(role: role, host: host, site: site)
                tasks += expansion.tasks()
                errors += expansion.errors
            }
        }
        if !errors.isEmpty { throw InputErrors(Array(Set(errors))) }
        return (tasks, orders)
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
        let (tasks, orders) = try tasks(on: site, hosts: hosts)
        var errors: [InputError] = []
        for task in tasks { if case .invalid(let found) = task.resolve(Exports()) { errors += found.errors } }
        if !errors.isEmpty { throw InputErrors(Array(Set(errors))) }
        _ = try TaskGraph(tasks: tasks, roles: orders)
        return tasks
    }
}
