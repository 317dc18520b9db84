import Foundation
import Model
import Roles
import TestSupport
import Testing

/// Wrong roles are refused whole: every mistake at once, with file, line, column and the nearest name.
@Suite struct RoleMistakeTests {
    private static let fixtures = Repository.path("Tests/RolesTests/Mistakes")

    static let names: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: fixtures)) ?? []).filter { $0.hasSuffix(".yml") }
        .sorted()

    @Test("there are wrong roles to try")
    func there() { #expect(Self.names.count >= 8) }

    @Test("a wrong role says all that is wrong", arguments: names)
    func mistakes(name: String) throws {
        let text = try String(contentsOfFile: "\(Self.fixtures)/\(name)", encoding: .utf8)
        let found = try RoleFixture(text, files: ["templates/a.j2": "{{ nobody }}\n"]).mistakes()
        #expect(!found.isEmpty)
        try Golden.check(found + "\n", "mistakes-\(name.dropLast(4)).txt")
    }
}
