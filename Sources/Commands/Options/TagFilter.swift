import Model

/// `--tags` and `--skip-tags`, as Ansible has them, with its `always`, `never`, `all`, `tagged` and `untagged`.
struct TagFilter: Sendable {
    /// Tags that mean something of their own.
    static let ansibleTags: Set<String> = ["all", "always", "never", "tagged", "untagged"]

    var only: Set<String> = []
    var skip: Set<String> = []

    /// - Parameters:
    ///   - tags: the task's own and its role's; the role's name among them.
    ///   - role: the role's name, which makes no task a tagged one.
    func takes(_ tags: Set<String>, role: String) -> Bool {
        // What follows comes to this where no tag was named, as in most runs, for each of thousands of tasks.
        if only.isEmpty, skip.isEmpty { return !tags.contains("never") || tags.contains("always") }
        let isTagged = tags != [role]
        let tags = isTagged ? tags : tags.union(["untagged"])
        let isChosen =
            if tags.contains("always") { true } else if !tags.isDisjoint(with: only) { true } else {
                !tags.contains("never") && (only.isEmpty || only.contains("all") || only.contains("tagged") && isTagged)
            }
        guard isChosen else { return false }
        if !tags.isDisjoint(with: skip) || skip.contains("tagged") && isTagged { return false }
        return !skip.contains("all") || tags.contains("always")
    }

    /// The tasks chosen; a handler stays where a task that notifies it does, or where it waits from an earlier run.
    func select(_ tasks: [HostTask], pending: (TaskID) -> Bool) -> [HostTask] {
        let chosen = Set(tasks.filter { $0.handles == nil && takes($0.tags, role: $0.id.role) }.map(\.id))
        return tasks.filter { task in
            guard let notifiers = task.handles else { return chosen.contains(task.id) }
            return notifiers.contains(where: chosen.contains) || pending(task.id)
        }
    }
}
