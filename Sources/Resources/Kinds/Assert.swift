import Model

/// Something that must hold for a role to go on, or that a person should know when it does not.
public struct Assert: ShellKind {
    public static let name = "assert"
    public static let summary = """
        Stops the host's run (or, with `severity: warning`, only says so) when a condition over variables and facts is \
        false or a read-only script on the node fails. It changes nothing.
        """
    public static let example = """
        - name: enough memory
          assert:
            that: facts.memory_mb >= 2048
            message: "k3s servers need 2 GB of memory, this one has {{ facts.memory_mb }} MB"
            severity: warning
        """
    public static let shorthand: String? = "that"
    public static let changesNothing = true
    public static let fields = [
        Field("that", .oneOrMany(.condition), "Conditions as in `when`; all must hold."),
        Field("check", .script, "A read-only script on the node that must exit with 0; what it prints is the cause."),
        Field("message", .string, "The cause to show, instead of the condition or the check's output."),
        Field("hint", .string, "What to do about it."),
        Field(
            "severity", .oneOf(["error", "warning"]), "Whether it stops the host (error, the default) or only warns."),
    ]

    struct Condition: Sendable, Hashable {
        var text: String
        var holds: Bool
    }

    let conditions: [Condition]
    let check: Script?
    let message: String?
    let hint: String?
    let isWarning: Bool
    let isSensitive: Bool

    public enum Found: Sendable, Equatable {
        case notAsked
        case holds
        case refused(String)
    }

    public init(_ arguments: Arguments) throws(InputErrors) {
        conditions = (arguments.list("that") ?? []).map { condition in
            Condition(text: condition["text"]?.string ?? "condition", holds: condition["holds"]?.bool ?? false)
        }
        check = arguments.script("check")
        message = arguments.string("message")
        hint = arguments.string("hint")
        isWarning = arguments.string("severity") == "warning"
        isSensitive = ["that", "check", "message", "hint"].contains { arguments.isSensitive($0) }
        if conditions.isEmpty, check == nil {
            throw InputErrors(
                arguments.error("assert: 'that' or 'check' is needed", hint: "that: facts.cpus >= 2"))
        }
    }

    public var subject: String {
        if isSensitive { return "(sensitive)" }
        return conditions.isEmpty ? "a check on the node" : conditions.map(\.text).joined(separator: ", ")
    }

    public static func probe(_ all: [Assert]) -> Script {
        let looks = all.compactMap { $0.check.map { Look(script: $0).run } }
        return looks.isEmpty ? ":" : Script.lines([Look.prepare] + looks)
    }

    public static func read(_ output: [UInt8], of all: [Assert]) throws(Failure) -> [Found] {
        var fields = FieldReader(output, deed: "run the checks of asserts")
        var found: [Found] = []
        for assert in all {
            guard assert.check != nil else {
                found.append(.notAsked)
                continue
            }
            let answer = try Look.read(&fields)
            if answer.succeeded {
                found.append(.holds)
            } else if answer.timedOut {
                found.append(.refused("its check did not end within 30 s"))
            } else {
                found.append(.refused(answer.said ?? "its check exits with \(answer.status)"))
            }
        }
        try fields.end()
        return found
    }

    public func difference(from found: Found) -> Difference {
        var cause: String?
        if let broken = conditions.first(where: { !$0.holds }) {
            cause = "\(broken.text) does not hold"
        } else if case .refused(let why) = found {
            cause = why
        }
        guard let cause else { return .none("holds") }
        let shown = isSensitive ? "(sensitive)" : message ?? cause
        let help = isSensitive ? nil : hint
        if isWarning { return .warns(help.map { "\(shown) (\($0))" } ?? shown) }
        return .fails(cause: shown, hint: help)
    }

    public var touches: [Effect] { [] }
    /// A check may look at anything; conditions over facts are the roles' to follow.
    public func dependsOn(_ found: Found) -> [Effect] { check == nil ? [] : [.everything] }
}
