import ArgumentParser
import Inventory
import Model
import Report
import Roles
import TaskGraph

struct Graph: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw the tasks of a plan and their order, for Graphviz or Mermaid.",
        discussion: """
            No host is asked. Tasks stand by host and role; an arrow leads to a task that
            waits, and what follows from other arrows is left out. Handlers are hexagons.
            A task is dashed where only a host's facts or another task tell whether it
            applies, and dotted where it does not.

            EXAMPLES
              kubani graph | dot -Tsvg > graph.svg
              kubani graph --limit n1 --tags prerequisites --format mermaid
              kubani graph --format mermaid > docs/graph.mmd

            EXIT STATUS
              0  drawn; what cannot be drawn without facts is told on standard error
              1  wrong input
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument { case dot, mermaid }

    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var selection: SelectionOptions

    @Option(help: "dot (Graphviz) or mermaid.") var format = Format.dot

    func run() throws {
        let console = Console()
        let inventory = try self.inventory.load()
        let chosen = try self.inventory.hosts(of: inventory).map(\.name)
        let library = try selection.library().chosen()
        let site = try self.inventory.site(of: inventory)
        let mistakes = inventory.check(on: site, library).filter { $0.severity == .error } + library.mistakes
        if !mistakes.isEmpty { throw InputErrors(mistakes) }
        let targets = { (role: Role) throws(InputErrors) -> [String] in
            let names = Set(try inventory.hosts(matching: role.hosts).map(\.name))
            return chosen.filter(names.contains)
        }
        // Finds what is wrong whatever the hosts say; the graph itself needs the order of the roles, too.
        try library.check(on: site, hosts: targets)
        let (all, orders) = try library.tasks(on: site, hosts: targets)
        let tasks = selection.filter.select(all) { _ in false }
        let references = tasks.map { task -> [String] in
            if case .unknown(let unknown) = task.resolve(Exports()) { unknown.sources.sorted() } else { [] }
        }
        let graph = try TaskGraph(tasks: tasks, roles: orders, references: references)
        let drawing = GraphDrawing(graph, tasks: tasks, hosts: chosen)
        console.print(format == .dot ? DotText.render(drawing) : MermaidText.render(drawing))
        for name in Self.unrolled(library, all) {
            console.complain("note: \(name) is not drawn: what it is for each of is not known yet, or is nothing")
        }
    }

    /// The loops of which nothing is there.
    private static func unrolled(_ library: RoleLibrary, _ tasks: [HostTask]) -> [String] {
        let drawn = Set(tasks.compactMap(\.origin))
        let roles = Set(tasks.map(\.id.role))
        return library.roles.filter { roles.contains($0.name) }.flatMap { role in
            role.tasks.filter { $0.forEach != nil && !drawn.contains($0.origin) }
                .map { "\(role.name) › \($0.name.string ?? $0.name.description)" }
        }
    }
}
