import ArgumentParser
import Model
import Roles

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

    @OptionGroup var roles: RoleOptions

    var filter: TagFilter { TagFilter(only: Self.split(tags), skip: Self.split(skipTags)) }

    /// The roles, the tags checked against theirs.
    ///
    /// - Throws: a tag that no task has too: it would choose nothing, or skip nothing, without a word.
    func library() throws(InputErrors) -> RoleLibrary {
        let library = try roles.library()
        // A role that cannot be read whole may be the one with the tag.
        guard library.mistakes.isEmpty else { return library }
        let known = TagFilter.ansibleTags.union(library.roles.flatMap(\.allTags))
        var errors: [InputError] = []
        for (option, names) in [("--tags", Self.split(tags)), ("--skip-tags", Self.split(skipTags))] {
            for name in names.subtracting(known).sorted() {
                let near = nearestName(to: name, among: known).map { "did you mean '\($0)'?" }
                let all = known.subtracting(TagFilter.ansibleTags).sorted().joined(separator: ", ")
                errors.append(InputError("\(option): no task has the tag '\(name)'", hint: near ?? "there are: \(all)"))
            }
        }
        if !errors.isEmpty { throw InputErrors(errors) }
        return library
    }

    private static func split(_ lists: [String]) -> Set<String> {
        Set(lists.flatMap { $0.split(separator: ",").map { String($0.filter { $0 != " " }) } }.filter { !$0.isEmpty })
    }
}

extension Role {
    /// Every tag that one of its tasks has; its name is one.
    var allTags: [String] { [name] + tags + tasks.flatMap(\.tags) + handlers.flatMap(\.tags) }
}
