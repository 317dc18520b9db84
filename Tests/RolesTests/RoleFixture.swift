import Foundation
import Model
import OrderedCollections
import Roles
import TestSupport

/// A role in a folder of its own, for one test.
struct RoleFixture {
    private let place: TemporaryFolder
    var folder: String { place.path }

    /// - Parameter files: further files of the role, by their path in its folder.
    init(_ text: String, name: String = "demo", files: [String: String] = [:]) throws {
        place = try TemporaryFolder("kubani-roles")
        for (path, content) in files.merging(["role.yml": text], uniquingKeysWith: { a, _ in a }) {
            let full = "\(place.path)/\(name)/\(path)"
            try FileManager.default.createDirectory(
                atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try content.write(toFile: full, atomically: true, encoding: .utf8)
        }
    }

    func library() -> RoleLibrary { RoleLibrary(folders: [folder]) }

    /// The mistakes in it, paths as from the role's folder.
    func mistakes(on site: Site = RoleFixture.site()) -> String {
        do throws(InputErrors) {
            try library().check(on: site) { _ throws(InputErrors) in Array(site.hosts.keys) }
            return ""
        } catch {
            return error.description.replacingOccurrences(of: folder + "/demo/", with: "")
        }
    }

    static func site(
        _ hosts: [String: OrderedDictionary<String, Value>] = ["n1": [:]], facts: [String: Value] = [:],
        extra: OrderedDictionary<String, Value> = [:]
    ) -> Site {
        let names = hosts.keys.sorted()
        return Site(
            hosts: names.map { Host(name: $0, groups: ["workers"], variables: hosts[$0] ?? [:]) },
            groups: ["all": names, "workers": names], extraVariables: extra, facts: facts)
    }

    func tasks(on site: Site = RoleFixture.site()) throws -> [HostTask] {
        try library().tasks(on: site) { _ throws(InputErrors) in Array(site.hosts.keys) }.tasks
    }
}
