import Model
import OrderedCollections
import TestSupport

@testable import Resources

/// A resource of plain values, as a role's task would make it.
func resource<Kind: ResourceKind>(_ type: Kind.Type, _ value: Value) throws -> Kind {
    try Kind(try Arguments(value, kind: Kind.name, fields: Kind.fields, shorthand: Kind.shorthand))
}

/// What is wrong with a task, as one text; empty when nothing is.
func mistakes<Kind: ResourceKind>(_ type: Kind.Type, _ value: Value) -> String {
    do {
        _ = try resource(type, value)
        return ""
    } catch { return "\(error)" }
}

/// What a probe prints on a node: fields, each ended by a NUL.
func fields(_ texts: String...) -> [UInt8] { texts.flatMap { Array($0.utf8) + [0] } }

/// The shells that a node may have as its `sh`.
let shells: [[String]] = [["dash", "-c"], ["bash", "-c"], ["busybox", "ash", "-c"]]

/// A look of this very machine, by one of the shells.
func look<Kind: ShellKind>(_ all: [Kind], by shell: [String]) async throws -> [Kind.Found] {
    let ran = try await Program.run(shell[0], shell.dropFirst() + [Kind.probe(all).text])
    return try Kind.read(Array(ran.stdout.utf8), of: all)
}

func details(_ difference: Difference) -> [Detail] {
    if case .change(let change) = difference { change.details } else { [] }
}

/// Every script of the steps, one after the other.
func script(_ difference: Difference) -> String {
    guard case .change(let change) = difference else { return "" }
    return change.steps.map { step in
        switch step {
        case .run(let script, _): script.text
        case .write(let file): "write \(file.path)"
        case .cluster(let deed): "\(deed)"
        case .lookAhead: "look ahead"
        case .reboot: "reboot"
        }
    }.joined(separator: "\n")
}

func isSettled(_ difference: Difference) -> Bool { if case .none = difference { true } else { false } }

extension Value {
    /// A task with fields added or put in place of its own.
    func with(_ more: Value) -> Value { .map((map ?? [:]).merging(more.map ?? [:]) { $1 }) }
}
