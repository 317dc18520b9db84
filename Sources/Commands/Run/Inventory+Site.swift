import Inventory
import Model
import OrderedCollections
import Roles
import Template

extension Inventory {
    /// Group → hosts, those of the groups below it too, as templates see `groups`.
    var membership: OrderedDictionary<String, [String]> {
        var groups: OrderedDictionary<String, [String]> = [:]
        for name in self.groups.keys { groups[name] = hosts(inGroup: name).map(\.name) }
        for name in Self.standardGroups where groups[name] == nil { groups[name] = [] }
        return groups
    }

    /// Every mistake in the inventory, its templates rendered, and in the variables given above it.
    func check(on site: Site, _ library: RoleLibrary? = nil) -> [InputError] {
        let ofRoles = Set(library?.roles.flatMap(\.defaults.keys) ?? [])
        var errors: [InputError] = []
        var rendered: [String: OrderedDictionary<String, Value>] = [:]
        for host in hosts {
            let scope = site.scope(host: host.name)
            for (name, value) in host.variables {
                do throws(InputErrors) { rendered[host.name, default: [:]][name] = try render(value, in: scope) } catch
                {
                    errors += error.errors
                }
            }
        }
        return InputErrors(
            Array(Set(errors)) + check(ofRoles: ofRoles) { rendered[$0.name] ?? [:] }
                + check(extraVariables: site.extraVariables, ofRoles: ofRoles)
        ).errors
    }
}
