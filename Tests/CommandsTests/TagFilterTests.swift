import ArgumentParser
import Testing

@testable import Commands

@Suite struct TagFilterTests {
    typealias Row = (tags: Set<String>, only: Set<String>, skip: Set<String>, isTaken: Bool)

    /// As Ansible decides; the role's name, `r`, is a tag of every task.
    static let rows: [Row] = [
        (["r"], [], [], true),
        (["r"], ["r"], [], true),
        (["r"], ["other"], [], false),
        (["r", "a", "b"], ["b", "c"], [], true),
        (["r", "a"], [], ["a"], false),
        (["r", "a"], ["a"], ["a"], false),
        (["r", "a"], ["r"], ["b"], true),
        (["r", "a"], [], ["r"], false),
        (["r", "always"], ["other"], [], true),
        (["r", "always"], ["other"], ["always"], false),
        (["r", "never"], [], [], false),
        (["r", "never"], ["all"], [], false),
        (["r", "never", "a"], ["a"], [], true),
        (["r", "never", "a"], ["r"], [], true),
        (["r", "never"], ["never"], [], true),
        (["r", "a"], ["all"], [], true),
        (["r", "a"], ["tagged"], [], true),
        (["r"], ["tagged"], [], false),
        (["r"], ["untagged"], [], true),
        (["r", "a"], ["untagged"], [], false),
        (["r", "never"], ["tagged"], [], false),
        (["r", "a"], [], ["tagged"], false),
        (["r"], [], ["tagged"], true),
        (["r"], [], ["untagged"], false),
        (["r", "a"], [], ["all"], false),
        (["r", "always"], [], ["all"], true),
        (["r", "always"], [], ["all", "always"], false),
    ]

    @Test("a task is taken by its tags", arguments: rows.indices)
    func takes(index: Int) {
        let row = Self.rows[index]
        #expect(TagFilter(only: row.only, skip: row.skip).takes(row.tags, role: "r") == row.isTaken, "\(row)")
    }

    @Test("tags are split at commas, blanks and empty ones dropped")
    func splitting() throws {
        let options = try SelectionOptions.parse(["-t", "a, b,,c", "--tags", "d", "--skip-tags", "e,"])
        #expect(options.filter.only == ["a", "b", "c", "d"])
        #expect(options.filter.skip == ["e"])
    }
}
