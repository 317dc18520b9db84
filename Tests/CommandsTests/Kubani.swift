import Foundation
import TestSupport
import Testing

/// The built program, and a folder of its own to run it in.
struct Kubani {
    /// Beside the tests' bundle; the bundle is a folder on Darwin, and a file of the build's folder elsewhere.
    static let path: String = {
        let bundle = Bundle(for: Marker.self).bundleURL
        let places = [bundle, bundle.deletingLastPathComponent()].map {
            $0.appending(path: "kubani").path(percentEncoded: false)
        }
        return places.first { FileManager.default.isExecutableFile(atPath: $0) } ?? places[0]
    }()
    private final class Marker {}

    let folder: String

    /// - Parameter files: by their paths in the folder; `FOLDER` in them stands for it.
    init(_ files: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory
            .appending(path: "kubani-cli-\(UUID().uuidString)").path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, text) in files { try write(text, to: name) }
    }

    func write(_ text: String, to name: String) throws {
        let path = "\(folder)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.replacingOccurrences(of: "FOLDER", with: folder).write(
            toFile: path, atomically: true, encoding: .utf8)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// Runs it in the folder; there is no terminal.
    func run(
        _ arguments: [String], stdin: String = "", environment: [String: String] = [:]
    ) async throws -> Program {
        try await Program.run(
            Self.path, arguments, stdin: stdin, environment: Self.alone.merging(environment) { $1 }, directory: folder)
    }

    private static let alone = ["KUBANI_INVENTORY": "", "KUBANI_ROLES": "", "NO_COLOR": "", "COLUMNS": "80"]

    /// Begins a run in the folder.
    func start(_ arguments: String...) throws -> RunningProgram {
        try RunningProgram(Self.path, arguments, environment: Self.alone, directory: folder)
    }

    /// Waits until a run has made a file of the folder.
    func wait(for name: String, _ run: RunningProgram, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let deadline = ContinuousClock.now + .eventually
        while !exists(name) {
            try #require(
                ContinuousClock.now < deadline, "there is no \(name): \(run.said)", sourceLocation: sourceLocation)
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Program {
        try await run(arguments, environment: environment)
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(name)") }

    /// What the program said, this folder's name taken out.
    func said(_ text: String) -> String { text.replacingOccurrences(of: folder, with: "FOLDER") }
}

/// This machine as a host, and small roles that write into the test's folder.
enum Fixture {
    static let inventory = """
        all:
          children:
            control_plane:
              hosts:
                n1: { tailscale_ip: 100.64.0.1, ansible_connection: local, ansible_become: false }
        """

    static let role = """
        role: greet
        summary: Greets whoever comes.
        hosts: all
        defaults: { greeting: Welcome }
        tasks:
          - name: folder
            directory: { path: FOLDER/out, mode: "0755" }
          - name: greeting
            file: { path: FOLDER/out/motd, content: "{{ greeting }} to {{ inventory_hostname }}\\n", mode: "0644" }
            tags: [text]
          - name: told
            command: { script: "echo telling; touch told", chdir: FOLDER/out, creates: FOLDER/out/told }
        """

    static let files = ["inventory/hosts.yml": inventory, "roles/greet/role.yml": role]

    static func slow(seconds: Int) -> String { slow(nap: "sleep \(seconds)") }

    /// Naps until there is `out/morning`, or ten minutes have passed: a test that fails must leave nothing behind.
    static let slowUntilMorning = slow(
        nap: "for i in $(seq 6000); do [ ! -e FOLDER/out/morning ] || break; sleep 0.1; done")

    private static func slow(nap: String) -> String {
        """
        role: slow
        summary: Takes its time.
        hosts: all
        after: [greet]
        tasks:
          - name: nap
            command: { script: "\(nap); touch FOLDER/out/slept", creates: FOLDER/out/slept }
          - name: after the nap
            file: { path: FOLDER/out/later, content: "", mode: "0600" }
        """
    }
}
