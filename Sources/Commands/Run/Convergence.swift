import ArgumentParser
import Inventory
import Model
import OrderedCollections
import Planner
import Roles
import TaskGraph

/// The way from what was typed to a plan: inventory, roles, connections, surveys, tasks, looks. What `plan` and `apply`
/// share; what follows a plan is theirs.
struct Convergence {
    let inventory: InventoryOptions
    let selection: SelectionOptions
    let connection: ConnectionOptions
    let console: Console

    /// A plan, and the connections it was made through.
    struct Prepared {
        var planning: Planning
        var fleet: Fleet
        var surveys: [String: Survey]
    }

    /// - Throws: `InputErrors` before any host is touched; hosts that cannot be reached are part of the plan.
    func prepare(_ narrator: Narrator) async throws -> Prepared {
        if connection.asks, !console.canAsk {
            throw InputErrors(
                InputError("there is no terminal to ask for a password on", hint: "run it on one, without --ask-…pass"))
        }
        let inventory = try inventory.load()
        let chosen = try chosenHosts(of: inventory)
        let library = try selection.library()
        var site = Site(
            hosts: inventory.hosts, groups: inventory.membership,
            extraVariables: try ExtraVariables.read(self.inventory.extraVars))
        try refuseMistakes(inventory, site)

        let settings = try settings(for: chosen, on: site)
        // A first expansion without facts finds what is wrong whatever the hosts say, before any of them is asked.
        let blank = try library.check(on: site, hosts: targets(inventory, chosen))
        let exports = Dictionary(grouping: blank.flatMap { task in task.exports.map { (task.id.host, $0) } }) {
            $0.0
        }.mapValues { $0.map(\.1) }

        // What these tasks are known to be about already is looked at with the first request.
        let early = Dictionary(grouping: selection.filter.select(blank) { _ in false }, by: \.id.host)
            .compactMapValues(EarlyLook.init)

        let fleet = Fleet(options: connection, console: console, narrator: narrator)
        var surveys: [String: Survey] = [:]
        for (host, survey) in await fleet.open(settings, exports: exports, early: early) {
            surveys[host] = survey
            site.facts[host] = survey.facts
        }
        let (all, orders) = try library.tasks(
            on: site, hosts: targets(inventory, chosen.filter { surveys[$0] != nil }))
        let pending = surveys.mapValues(\.pendingHandlers)
        let tasks = selection.filter.select(all) { id in
            pending[id.host]?.contains(PendingHandlers.name(id)) ?? false
        }
        let planner = Planner(shells: await fleet.shells)
        let planning = try await planner.plan(
            Planner.Input(tasks: tasks, roles: orders, surveys: surveys, unreachable: await fleet.unreachable))
        return Prepared(planning: planning, fleet: fleet, surveys: surveys)
    }

    private func chosenHosts(of inventory: Inventory) throws(InputErrors) -> [String] {
        let hosts = try self.inventory.hosts(of: inventory)
        if hosts.isEmpty {
            throw InputErrors(InputError("the inventory \(self.inventory.path) has no host"))
        }
        return hosts.map(\.name)
    }

    /// The chosen hosts that a role's pattern names.
    private func targets(
        _ inventory: Inventory, _ chosen: [String]
    ) -> (Role) throws(InputErrors) -> [String] {
        let chosen = Set(chosen)
        return { role throws(InputErrors) in
            try inventory.hosts(matching: role.hosts).map(\.name).filter(chosen.contains)
        }
    }

    private func settings(for hosts: [String], on site: Site) throws(InputErrors) -> [ConnectionSettings] {
        var errors: [InputError] = []
        var settings: [ConnectionSettings] = []
        for host in hosts {
            do throws(InputErrors) { settings.append(try ConnectionSettings(host: host, on: site)) } catch {
                errors += error.errors
            }
        }
        if !errors.isEmpty { throw InputErrors(errors) }
        return settings
    }

    /// Warnings are said, errors end the run: a wrong address is found here and not by a connection that times out.
    private func refuseMistakes(_ inventory: Inventory, _ site: Site) throws(InputErrors) {
        let found = inventory.check(on: site)
        for warning in found where warning.severity == .warning { console.complain(warning.description) }
        let errors = found.filter { $0.severity == .error }
        if !errors.isEmpty { throw InputErrors(errors) }
    }
}
