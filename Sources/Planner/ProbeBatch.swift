import Model

/// One script that looks at many resources of a node at once, and the reading of its answer. A section a kind, and one
/// an export; sections are told apart by a marker that no output can know.
public struct ProbeBatch: Sendable {
    /// What a look came to, in the order of the resources given.
    public typealias Looks = [Result<any Sendable & Equatable, Failure>]

    private struct Section: Sendable {
        var name: String
        var script: Script
        var deadline: Duration
        /// The places of its resources in the batch.
        var members: [Int]
        var read: @Sendable ([UInt8]) throws(Failure) -> [any Sendable & Equatable]
    }

    private var sections: [Section] = []
    private let count: Int
    private let marker: String

    /// - Parameter marker: random text that no node knows beforehand.
    public init(_ resources: [any ShellKind], exports: [Export] = [], marker: String) {
        self.marker = marker
        count = resources.count
        self.exports = exports
        var byKind: [String: [Int]] = [:]
        var names: [String] = []
        for (i, resource) in resources.enumerated() {
            let name = type(of: resource).name
            if byKind[name] == nil { names.append(name) }
            byKind[name, default: []].append(i)
        }
        for name in names {
            guard let members = byKind[name], let first = members.first else { continue }
            sections.append(Self.section(like: resources[first], members: members, of: resources))
        }
    }

    private let exports: [Export]

    public var isEmpty: Bool { sections.isEmpty && exports.isEmpty }

    private static func section<Kind: ShellKind>(
        like first: Kind, members: [Int], of resources: [any ShellKind]
    ) -> Section {
        let all = members.compactMap { resources[$0] as? Kind }
        return Section(
            name: Kind.name, script: Kind.probe(all), deadline: all.map(\.probeDeadline).reduce(.zero, +),
            members: members
        ) { output throws(Failure) in try Kind.read(output, of: all) }
    }

    /// The whole look as one step. It ends with status 0 whatever its sections did: each tells its own status.
    public var step: Step {
        let marker = self.marker
        var lines: [Script] = []
        // A role's own script is evaluated, so that a mistake in its syntax ends its own section only.
        for script in sections.map(\.script) + exports.map({ "eval \($0.read.text)" as Script }) {
            lines.append("(\n\(script)\n) </dev/null")
            lines.append("printf '\\n%s %s\\n' \(marker) $?; printf '\\n%s\\n' \(marker) >&2")
        }
        lines.append(":")
        // Looks of one kind may be made one after the other: the deadline is all of theirs together.
        let longest = sections.map(\.deadline).reduce(Duration.seconds(60), +)
        return .run(.lines(lines), deadline: longest)
    }

    /// - Returns: a look a resource, and the exports' values by their keys. An export that cannot be read is left out.
    public func read(_ outcome: Outcome, host: String) -> (looks: Looks, exports: [String: Value]) {
        let stdout = split(outcome.stdout)
        let stderr = split(outcome.stderr)
        var looks: Looks = Array(
            repeating: .failure(
                Failure(
                    host: host, deed: "look at the node", cause: "the answer is incomplete (exit \(outcome.status))",
                    detail: outcome.errorOutput)), count: count)
        for (i, section) in sections.enumerated() where i < stdout.count {
            let said = i < stderr.count ? String(decoding: stderr[i].body, as: UTF8.self) : ""
            let answer: Result<[any Sendable & Equatable], Failure>
            do throws(Failure) {
                if stdout[i].status == 0 {
                    answer = .success(try section.read(stdout[i].body))
                } else {
                    throw Failure(
                        deed: "look at \(section.name)", cause: Self.lastLine(said) ?? "exit \(stdout[i].status)",
                        detail: said)
                }
            } catch {
                var failure = error
                failure.host = host
                answer = .failure(failure)
            }
            for (n, member) in section.members.enumerated() {
                switch answer {
                case .success(let found):
                    if n < found.count { looks[member] = .success(found[n]) }
                case .failure(let failure): looks[member] = .failure(failure)
                }
            }
        }
        var values: [String: Value] = [:]
        for (i, export) in exports.enumerated() {
            let place = sections.count + i
            guard place < stdout.count, stdout[place].status == 0 else { continue }
            values[export.key] = export.value(from: stdout[place].body)
        }
        return (looks, values)
    }

    private static func lastLine(_ text: String) -> String? {
        text.split(separator: "\n").last.map(String.init)
    }

    /// The parts that end in "\n", the marker and, on standard output, a status.
    private func split(_ bytes: [UInt8]) -> [(body: [UInt8], status: Int)] {
        var parts: [(body: [UInt8], status: Int)] = []
        let needle = Array("\n\(marker)".utf8)
        var start = 0
        var i = 0
        while i + needle.count <= bytes.count {
            if bytes[i] == needle[0], bytes[i..<i + needle.count].elementsEqual(needle) {
                let end = bytes[(i + needle.count)...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                let status = String(decoding: bytes[(i + needle.count)..<end], as: UTF8.self)
                parts.append((Array(bytes[start..<i]), Int(status.drop { $0 == " " }) ?? 0))
                start = min(end + 1, bytes.count)
                i = start
            } else {
                i += 1
            }
        }
        return parts
    }
}
