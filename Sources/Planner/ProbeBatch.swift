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
    ///   - paths: those of which is asked where they really are.
    ///   - marker: random text that no node knows beforehand.
    ///   - isApart: whether each look has a deadline of its own, which costs processes. Otherwise all have one together,
    ///     and are to be taken apart where that passes.
    ///   - patience: how long all looks together may take before they are taken apart.
    public init(
        _ resources: [any ShellKind], exports: [Export] = [], paths: [String] = [], marker: String,
        isApart: Bool = false, patience: Duration = Self.patience
    ) {
        self.paths = paths
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
    private let paths: [String]

    public var isEmpty: Bool { sections.isEmpty && exports.isEmpty }

    private static func section<Kind: ShellKind>(
        like first: Kind, members: [Int], of resources: [any ShellKind]
    ) -> Section {
        let all = members.compactMap { resources[$0] as? Kind }
        return Section(
            name: Kind.name, script: Kind.probe(all), deadline: deadline(of: all), members: members
        ) { output throws(Failure) in try Kind.read(output, of: all) }
    }

    /// What looks at all of a kind at once has one time for them, longer where they are many; a kind that has a word of
    /// its own on how long a look takes, for it waits or runs scripts one after the other, the time of them all.
    private static func deadline<Kind: ShellKind>(of all: [Kind]) -> Duration {
        let own = all.map(\.probeDeadline).filter { $0 != .seconds(60) }
        let usual: Duration = own.count < all.count ? .seconds(min(300, 60 + all.count - own.count)) : .zero
        return own.reduce(usual, +)
    }

    /// The whole look as one step. It ends with status 0 whatever its sections did: each tells its own status.
    public var step: Step { .run(script, deadline: deadline) }

    public var script: Script {
        // A role's own script is evaluated, so that a mistake in its syntax ends its own section only.
        let scripts =
            sections.map(\.script) + exports.map { "eval \($0.read.text)" as Script }
            + (paths.isEmpty ? [] : [NodePaths.look(at: paths)])
        let joined = AnswerSections(marker: marker).joined(scripts)
        return "\(isApart ? ShellLooks.apart : ShellLooks.together)\n\(joined)"
    }

    public static let patience: Duration = .seconds(60)

    private var deadline: Duration {
        guard isApart else { return patience }
        return sections.map(\.deadline).reduce(exports.isEmpty && paths.isEmpty ? .zero : patience, +)
    }

    /// What is looked at, in the script's order, and what ends each part of it.
    var parts: [LookProgress.Part] {
        let names = sections.map(\.name) + exports.map(\.key) + (paths.isEmpty ? [] : ["links"])
        return names.map { LookProgress.Part(marker: marker, name: $0) }
    }

    /// What a look has to say of itself where it was not answered.
    private func silence(_ outcome: Outcome, host: String) -> Failure {
        let name = sections.count == 1 ? sections[0].name : "the node"
        if outcome.timedOut {
            return Failure(
                host: host, deed: "look at \(name)", cause: "no answer within \(deadline.components.seconds) s",
                hint: "does something that it reads hang there, such as a network mount whose server is gone?")
        }
        return Failure(
            host: host, deed: "look at \(name)", cause: "the answer is incomplete (exit \(outcome.status))",
            detail: outcome.errorOutput)
    }

    /// Where paths really are, of those that were asked for.
    func places(_ outcome: Outcome, host: String) -> NodePaths {
        var places = NodePaths()
        let answers = AnswerSections(marker: marker).split(outcome)
        let index = sections.count + exports.count
        if !paths.isEmpty, index < answers.count { places.take(answers[index].stdout, host: host) }
        return places
    }

    /// - Returns: a look a resource, and the exports' values by their keys. An export that cannot be read is left out.
    public func read(_ outcome: Outcome, host: String) -> (looks: Looks, exports: [String: Value]) {
        let answers = AnswerSections(marker: marker).split(outcome)
        var looks: Looks = Array(repeating: .failure(silence(outcome, host: host)), count: count)
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
