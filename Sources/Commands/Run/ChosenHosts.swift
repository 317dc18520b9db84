import Inventory
import Model
import Roles

/// The hosts that a command is about and how each is reached: read and checked before any of them is touched.
struct ChosenHosts {
    var site: Site
    /// In the inventory's order.
    var settings: [ConnectionSettings]

    var names: [String] { settings.map(\.host) }

    /// - Parameters:
    ///   - pattern: an Ansible host pattern.
    ///   - limit: another, which leaves only what it names too; nil leaves all.
    /// - Throws: `InputErrors` for a wrong inventory, and where no host is left.
    static func read(
        _ pattern: String, limit: String? = nil, of source: SourceOptions
    ) throws(InputErrors) -> ChosenHosts {
        let inventory = try source.load()
        let site = try source.site(of: inventory)
        var errors = inventory.check(on: site).filter { $0.severity == .error }
        if !errors.isEmpty { throw InputErrors(errors) }
        var names = Set(try inventory.hosts(matching: pattern).map(\.name))
        if let limit {
            names.formIntersection(try inventory.hosts(matching: limit).map(\.name))
            if names.isEmpty { throw InputErrors(.noHost(limit: limit)) }
        }
        if names.isEmpty, pattern == "all" {
            throw InputErrors(InputError("the inventory \(source.path) has no host"))
        }
        var settings: [ConnectionSettings] = []
        for host in inventory.hosts where names.contains(host.name) {
            do throws(InputErrors) { settings.append(try ConnectionSettings(host: host.name, on: site)) } catch {
                errors += error.errors
            }
        }
        if !errors.isEmpty { throw InputErrors(errors) }
        return ChosenHosts(site: site, settings: settings)
    }
}
