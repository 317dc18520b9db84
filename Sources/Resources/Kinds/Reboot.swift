import Model

/// A node started anew when it needs that: for a kernel, a boot argument, a firmware's setting.
public struct Reboot: ShellKind {
    public static let name = "reboot"
    public static let summary = """
        Reboots the node when something read-only says that it is needed, a path that is there (`when_exists`) or a \
        script that fails and tells why (`check`), and waits until it is back with a new boot id. Exactly one of the \
        two is needed, except in a handler, which reboots when it is notified. Whatever else the run does on the node \
        waits meanwhile. The machine that kubani runs on (`ansible_connection: local`) is never rebooted.
        """
    public static let example = """
        - name: the installed kernel runs
          reboot:
            when_exists: /run/reboot-required
            timeout: 15m
        """
    public static let shorthand: String? = "when_exists"
    public static let fields = [
        Field("when_exists", .path, "A path, such as /run/reboot-required: while something is there, a reboot is due."),
        Field(
            "check", .script,
            "A read-only script; when it exits with 0, nothing is to be done, else what it prints tells the plan's reader why."
        ),
        Field("timeout", .duration, "How long the node may take until it is back (10m)."),
    ]

    enum Test: Sendable, Hashable {
        case exists(String)
        case check(Script)
    }

    let test: Test?
    let timeout: Duration
    let isSensitive: Bool

    public enum Found: Sendable, Equatable {
        case nothingToDo(String)
        case due(String)
        case unclear(String)
    }

    public init(_ arguments: Arguments) throws(InputErrors) {
        var tests: [Test] = []
        if let path = arguments.string("when_exists") { tests.append(.exists(path)) }
        if let check = arguments.script("check") { tests.append(.check(check)) }
        if tests.count > 1 {
            throw InputErrors([
                arguments.error(
                    "reboot: only one of 'when_exists' and 'check' may be given",
                    hint: "write one 'check' that looks at everything")
            ])
        }
        test = tests.first
        timeout = arguments.duration("timeout") ?? .seconds(600)
        isSensitive = arguments.isSensitive("check")
    }

    public var subject: String { "the node" }
    public var canTellBeforehand: Bool { test != nil }

    public static func probe(_ all: [Reboot]) -> Script { Script.lines([Look.prepare] + all.map(\.look)) }

    private var look: Script {
        switch test {
        case nil: "printf '1\\0\\0\\0'"
        case .exists(let path):
            "if [ -e \(path) ] || [ -L \(path) ]; then printf '1\\0\\0\\0'; else printf '0\\0\\0\\0'; fi"
        case .check(let script): Look(script: script).run
        }
    }

    public static func read(_ output: [UInt8], of all: [Reboot]) throws(Failure) -> [Found] {
        var fields = FieldReader(output, deed: "tell whether a reboot is due")
        var found: [Found] = []
        for reboot in all { found.append(reboot.judge(try Look.read(&fields))) }
        try fields.end()
        return found
    }

    private func judge(_ answer: Look.Answer) -> Found {
        switch test {
        case nil: return .due("notified")
        case .exists(let path):
            return answer.succeeded ? .nothingToDo("\(path) is not there") : .due("\(path) is there")
        case .check:
            if answer.succeeded { return .nothingToDo("its check is content") }
            if answer.timedOut { return .unclear("its check did not end within 30 s") }
            if isSensitive { return .due("(sensitive)") }
            return .due(answer.said ?? "its check exits with \(answer.status)")
        }
    }

    public func difference(from found: Found) -> Difference {
        switch found {
        case .nothingToDo(let why): .none(why)
        case .due(let why): .change(change(because: why))
        case .unclear(let why): .fails(cause: why, hint: "a check only looks, and quickly: what does it wait for?")
        }
    }

    public var whenNotified: Change? { change(because: nil) }

    private func change(because why: String?) -> Change {
        let details: [Detail] = [.note("boot id changes"), why.map { .note($0) }].compactMap { $0 }
        return Change(.run, details: details, steps: [.reboot(deadline: timeout)])
    }

    public var touches: [Effect] { [.everything] }

    public func dependsOn(_ found: Found) -> [Effect] {
        if case .exists(let path) = test { return [.path(path), .packages] }
        return [.everything]
    }
}
