import TestSupport
import Testing

extension Lab {
    /// A role goes through plan, apply and apply again on a node: the plan shows what it is to do and changes nothing,
    /// the first apply does it, the second finds nothing to do.
    ///
    /// - Parameters:
    ///   - role: the text of its role.yml, for the role `demo`.
    ///   - shows: what the plan must say.
    ///   - changes: how many tasks change something.
    func checkConverges(
        _ role: String, files: [String: String] = [:], on node: String, shows: [String], changes: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let roles = try roles(["demo": role])
        for (name, text) in files { _ = try write(text, to: "\(roles.dropFirst(folder.count + 1))/demo/files/\(name)") }
        let arguments = ["-i", try inventory(), "--limit", node, "--roles", roles]
        let plan = try await kubani(["plan", "--detailed-exitcode"] + arguments)
        #expect(plan.status == 2, "\(plan.stdout)\(plan.stderr)", sourceLocation: sourceLocation)
        for text in shows { #expect(plan.stdout.contains(text), "\(plan.stdout)", sourceLocation: sourceLocation) }
        let first = try await kubani(["apply", "--yes"] + arguments)
        try #require(first.status == 0, "\(first.stdout)\(first.stderr)", sourceLocation: sourceLocation)
        #expect(first.stdout.contains("changed=\(changes)"), "\(first.stdout)", sourceLocation: sourceLocation)
        let second = try await kubani(["apply", "--yes"] + arguments)
        #expect(second.status == 0, "\(second.stdout)\(second.stderr)", sourceLocation: sourceLocation)
        #expect(second.stdout.contains("changed=0"), "\(second.stdout)", sourceLocation: sourceLocation)
    }
}
