import Model
import OrderedCollections

/// One thing that `kubani doctor` looked at.
public struct Finding: Sendable, Hashable {
    public enum State: String, Sendable, Hashable {
        case ok, warn, fail
        /// Something before it failed.
        case notLookedAt = "not looked at"
    }

    /// What was looked at, in a word or two: "host key".
    public var name: String
    public var state: State
    /// What was found.
    public var text: String
    /// What to do about it.
    public var hint: String?
    /// Whether its failure is that the host cannot be reached.
    public var isOfReach = false

    public init(_ name: String, _ state: State, _ text: String = "", hint: String? = nil) {
        self.name = name
        self.state = state
        self.text = text
        self.hint = hint
    }

    /// A failure on the way to the host.
    public init(_ name: String, unreachable failure: Failure) {
        self.init(name, .fail, failure.cause, hint: failure.hint)
        if let detail = failure.detail, !detail.isEmpty { text += "\n" + detail }
        isOfReach = true
    }
}

/// What was found at one place, as text and as JSON.
public struct FindingText: Sendable {
    private let style: Style

    public init(style: Style = .plain) { self.style = style }

    /// - Returns: lines, each ended: the place, then a line or more for each finding.
    public func block(_ place: String, _ findings: [Finding]) -> String {
        let width = findings.map(\.name.count).max() ?? 0
        var lines = [style.tinted(place.printable, .bold)]
        for finding in findings where finding.state != .notLookedAt {
            let name = finding.name + String(repeating: " ", count: width - finding.name.count)
            let (word, tint): (String, Style.Tint) =
                switch finding.state {
                case .ok: ("ok  ", .green)
                case .warn: ("warn", .yellow)
                case .fail, .notLookedAt: ("fail", .red)
                }
            let text = finding.text.printable.split(separator: "\n").map(String.init)
            let indentation = String(repeating: " ", count: width + 10)
            lines.append("  \(style.tinted(word, tint))  \(name)  \(text.first ?? "")")
            lines += text.dropFirst().map { indentation + $0 }
            if let hint = finding.hint { lines.append("\(indentation)hint: \(hint.printable)") }
        }
        let rest = findings.filter { $0.state == .notLookedAt }.map(\.name)
        if !rest.isEmpty { lines.append(style.tinted("  not looked at: \(rest.joined(separator: ", "))", .dim)) }
        return lines.map { $0 + "\n" }.joined()
    }

    public static func json(_ findings: [Finding]) -> Value {
        .list(
            findings.map { finding in
                [
                    "check": .string(finding.name), "state": .string(finding.state.rawValue),
                    "found": .string(finding.text), "hint": finding.hint.map { .string($0) } ?? .null,
                ]
            })
    }
}
