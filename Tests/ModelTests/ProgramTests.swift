import TestSupport
import Testing

@Suite("a program that the tests run")
struct ProgramTests {
    /// Written into a pipe, its input would end the tests with SIGPIPE now and then.
    @Test("may end without having read its input")
    func unreadInput() async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<200 {
                group.addTask { try await Program.run("true", stdin: "not read") }
            }
            for try await run in group { #expect(run.status == 0) }
        }
    }

    @Test("gets its input whole, and without one reads nothing")
    func input() async throws {
        let text = String(repeating: "äöü\n", count: 100_000)
        #expect(try await Program.run("cat", stdin: text).stdout == text)
        #expect(try await Program.run("cat").stdout == "")
    }
}
