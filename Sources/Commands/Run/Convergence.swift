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
    /// Only these roles, on demand or not; nil for those of a plan of the whole.
    var roles: [String]?
    /// What a command adds to `--extra-vars`, above them.
    var variables: OrderedDictionary<String, Value> = [:]

    /// A plan, and the connections it was made through.
    struct Prepared {
        var planning: Planning
        var fleet: Fleet
        var surveys: [String: Survey]
        var secretNames: SecretNames
    }

    /// - Throws: `InputErrors` before any host is touched; hosts that cannot be reached are part of the plan.
    func prepare(_ narrator: Narrator) async throws -> Prepared {
        if connection.asks, !console.canAsk {
            throw InputErrors(
                InputError("there is no terminal to ask for a password on", hint: "run it on one, without --ask-…pass"))
        }
        let inventory = try inventory.load()
        let chosen = try chosenHosts(of: inventory)
        let library = try selection.library().chosen(roles)
        var site = try self.inventory.site(of: inventory, adding: variables)
        narrator.keep(site.secrecy(library), by: site.secretNames)
        try refuseMistakes(inventory, site, library)

        let consulted = try consultedHosts(inventory, chosen, library)
        let settings = try settings(for: chosen + consulted, on: site)
        // A first expansion without facts finds what is wrong whatever the hosts say, before any of them is asked.
        let blank = try library.check(on: site, hosts: targets(inventory, chosen + consulted))
        let exports = Dictionary(grouping: blank.flatMap { task in task.exports.map { (task.id.host, $0) } }) {
            $0.0
        }.mapValues { $0.map(\.1) }

        // What these tasks are known to be about already is looked at with the first request.
        let early = Dictionary(
            grouping: selection.filter.select(blank) { _ in false }.filter { !consulted.contains($0.id.host) },
            by: \.id.host
        ).compactMapValues(EarlyLook.init)

        let fleet = Fleet(options: connection, console: console, narrator: narrator)
        let surveys = await fleet.open(settings, exports: exports, early: early)
        let unreachable = await fleet.unreachable
        site.facts = surveys.mapValues(\.facts)
        site.reached = (chosen + consulted).filter { surveys[$0] != nil }
        site.unreachable = (chosen + consulted).filter { unreachable[$0] != nil }

        let (all, orders) = try library.tasks(
            on: site, hosts: targets(inventory, chosen.filter { surveys[$0] != nil }))
        let pending = surveys.mapValues(\.pendingHandlers)
        let tasks = selection.filter.select(all) { id in
            pending[id.host]?.contains(PendingHandlers.name(id)) ?? false
        }
        let reach = await fleet.reach
        await fetchTexts(of: tasks, to: site.texts, from: reach.artifacts)
        let planning = try await Planner(reach: reach, tell: { narrator.tell($0) }).plan(
            Planner.Input(
                tasks: tasks, roles: orders, surveys: surveys.filter { chosen.contains($0.key) },
                consulted: surveys.filter { consulted.contains($0.key) },
                unreachable: unreachable.filter { chosen.contains($0.key) },
                local: Set(settings.filter { $0.method == .local }.map(\.host))))
        narrator.keep(.ofRun(planning.exports.all))
        return Prepared(planning: planning, fleet: fleet, surveys: surveys, secretNames: site.secretNames)
    }

    /// Hosts that are looked at though the run is limited to others, for roles that use what they tell.
    private func consultedHosts(
        _ inventory: Inventory, _ chosen: [String], _ library: RoleLibrary
    ) throws(InputErrors) -> [String] {
        var wanted: Set<String> = []
        for role in library.roles {
            // A pattern that names nobody is told with the roles' other mistakes.
            guard let pattern = role.consults, let names = try? targets(inventory, chosen)(role), !names.isEmpty else {
                continue
            }
            wanted.formUnion(try inventory.hosts(matching: pattern).map(\.name))
        }
        return inventory.hosts.map(\.name).filter { wanted.contains($0) && !chosen.contains($0) }
    }

    /// Fetches what the tasks' values need of the network, each once and all at once.
    private func fetchTexts(of tasks: [HostTask], to texts: RemoteTexts, from artifacts: any Artifacts) async {
        var wanted: Set<String> = []
        for task in tasks {
            if case .unknown(let unknown) = task.resolve(Exports()) { wanted.formUnion(unknown.texts) }
        }
        await withTaskGroup(of: Void.self) { group in
            for url in wanted {
                group.addTask {
                    do throws(Failure) {
                        let text = try await artifacts.text(url: url)
                        texts.set(url, to: .success(text))
                    } catch {
                        texts.set(url, to: .failure(error))
                    }
                }
            }
        }
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
    private func refuseMistakes(
        _ inventory: Inventory, _ site: Site, _ library: RoleLibrary
    ) throws(InputErrors) {
        let found = inventory.check(on: site, library)
        for warning in found where warning.severity == .warning { console.complain(warning.description) }
        let errors = found.filter { $0.severity == .error }
        if !errors.isEmpty { throw InputErrors(errors + library.mistakes) }
    }
}
