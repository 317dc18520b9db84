import Model
import Resources

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
    private let isApart: Bool
    private let patience: Duration

    /// - Parameters:
    ///   - marker: random text that no node knows beforehand.
    ///   - isApart: whether each look has a deadline of its own, which costs processes. Otherwise all have one together,
    ///     and are to be taken apart where that passes.
    ///   - patience: how long all looks together may take before they are taken apart.
    public init(
        _ resources: [any ShellKind], exports: [Export] = [], marker: String, isApart: Bool = false,
        patience: Duration = Self.patience
    ) {
        self.patience = patience
        self.marker = marker
        self.isApart = isApart
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
    public var step: Step { .run(script, deadline: deadline) }

    public var script: Script {
        // A role's own script is evaluated, so that a mistake in its syntax ends its own section only.
        let scripts = sections.map(\.script) + exports.map { "eval \($0.read.text)" as Script }
        let joined = AnswerSections(marker: marker).joined(scripts)
        return "\(isApart ? ShellLooks.apart : ShellLooks.together)\n\(joined)"
    }

    public static let patience: Duration = .seconds(60)

    /// Looks of one kind may be made one after the other: taken apart, they have the time of all of them.
    private var deadline: Duration { isApart ? sections.map(\.deadline).reduce(patience, +) : patience }

    /// - Returns: a look a resource, and the exports' values by their keys. An export that cannot be read is left out.
    public func read(_ outcome: Outcome, host: String) -> (looks: Looks, exports: [String: Value]) {
        let answers = AnswerSections(marker: marker).split(outcome)
        var looks: Looks = Array(
            repeating: .failure(
                Failure(
                    host: host, deed: "look at the node", cause: "the answer is incomplete (exit \(outcome.status))",
                    detail: outcome.errorOutput)), count: count)
        for (i, section) in sections.enumerated() where i < answers.count {
            let answer: Result<[any Sendable & Equatable], Failure>
            do throws(Failure) {
                if answers[i].succeeded {
                    answer = .success(try section.read(answers[i].stdout))
                } else {
                    let said = answers[i].errorOutput
                    throw Failure(
                        deed: "look at \(section.name)", cause: Self.lastLine(said) ?? "exit \(answers[i].status)",
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
            guard place < answers.count, answers[place].succeeded else { continue }
            values[export.key] = export.value(from: answers[place].stdout)
        }
        return (looks, values)
    }

    private static func lastLine(_ text: String) -> String? {
        text.split(separator: "\n").last.map(String.init)
    }
}
