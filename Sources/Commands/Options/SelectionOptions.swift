import ArgumentParser
import Model

/// Which of the roles' tasks.
struct SelectionOptions: ParsableArguments {
    @Option(
        name: [.short, .long], parsing: .singleValue,
        help: ArgumentHelp("Only tasks with one of these tags (a role's name is one).", valueName: "a,b"))
    var tags: [String] = []

    @Option(
        name: .customLong("skip-tags"), parsing: .singleValue,
        help: ArgumentHelp("All tasks but those with one of these tags.", valueName: "a,b"))
    var skipTags: [String] = []

    @Option(
        name: .customLong("roles"), parsing: .singleValue,
        help: ArgumentHelp(
            "A folder of roles; may be repeated. (default: $KUBANI_ROLES, roles/, and kubani's own)",
            valueName: "folder"))
    var roles: [String] = []

    var filter: TagFilter { TagFilter(only: Self.split(tags), skip: Self.split(skipTags)) }

    private static func split(_ lists: [String]) -> Set<String> {
        Set(lists.flatMap { $0.split(separator: ",").map { String($0.filter { $0 != " " }) } })
    }
}

/// `--tags` and `--skip-tags`, with Ansible's `always`, `never`, `all`, `tagged` and `untagged`.
struct TagFilter: Sendable {
    var only: Set<String>
    var skip: Set<String>

    /// - Parameter tags: the task's own and its role's; the role's name among them.
    func takes(_ tags: Set<String>) -> Bool {
        if !tags.isDisjoint(with: skip) { return false }
        if tags.contains("never") { return !tags.isDisjoint(with: only) }
        return only.isEmpty || only.contains("all") || tags.contains("always") || !tags.isDisjoint(with: only)
    }

    /// The tasks chosen; a handler stays where a task that notifies it does, or where it waits from an earlier run.
    func select(_ tasks: [HostTask], pending: (TaskID) -> Bool) -> [HostTask] {
        let chosen = Set(tasks.filter { $0.handles == nil && takes($0.tags) }.map(\.id))
        return tasks.filter { task in
            guard let notifiers = task.handles else { return chosen.contains(task.id) }
            return notifiers.contains(where: chosen.contains) || pending(task.id)
        }
    }
}
