import Model
import OrderedCollections

/// A script of the role's own, for what no other kind does. It must say how to tell that there is nothing to do, unless
/// it is a handler.
public struct Command: ShellKind {
    public static let name = "command"
    public static let summary = """
        Runs a script as root when something read-only says that it is needed: a path that is missing (`creates`), a \
        script that fails (`unless`), or a script that fails and tells why (`check`). Exactly one of the three is \
        needed, except in a handler, which runs when it is notified.
        """
    public static let example = """
        - name: swap accounting
          command:
            script: update-grub
            check: |
              grep -q swapaccount=1 /proc/cmdline && exit 0
              echo "the kernel was not started with swapaccount=1"
              exit 1
        """
    public static let shorthand: String? = "script"
    public static let fields = [
        Field(
            "script", .script, required: true,
            "The shell script to run as root (POSIX sh, not stopped by a failing line)."),
        Field("creates", .path, "A path that the script makes: while something is there, nothing is to be done."),
        Field("unless", .script, "A read-only script; when it exits with 0, nothing is to be done."),
        Field(
            "check", .script,
            "A read-only script; when it exits with 0, nothing is to be done, else what it prints tells the plan's reader why."
        ),
        Field(
            "touches", .list(.path),
            "The paths that the script may change, where it changes nothing else on the node: a plan then knows that what has nothing to do with them stays as it is."
        ),
        Field("chdir", .path, "The directory to run in."),
        Field("environment", .map(.string), "Variables for the script; they never show in a list of processes."),
        Field("user", .string, "Whom to run as, instead of root."),
    ]

    enum Test: Sendable, Hashable {
        case creates(String)
        case unless(Script)
        case check(Script)
    }

    let script: Script
    let test: Test?
    let surroundings: Surroundings
    /// nil where nobody can tell.
    private let touched: [Effect]?
    let isSensitive: Bool

    public enum Found: Sendable, Equatable {
        case nothingToDo(String)
        case needed(String?)
        case unclear(String)
    }

    public init(_ arguments: Arguments) throws(InputErrors) {
        try self.init(arguments, kind: Self.name, script: arguments.script("script") ?? "")
    }

    /// Also for other kinds with fields of the same names.
    init(_ arguments: Arguments, kind: String, script: Script) throws(InputErrors) {
        var errors: [InputError] = []
        self.script = script
        var tests: [Test] = []
        if let path = arguments.string("creates") { tests.append(.creates(path)) }
        if let unless = arguments.script("unless") { tests.append(.unless(unless)) }
        if let check = arguments.script("check") { tests.append(.check(check)) }
        test = tests.first
        if tests.count > 1 {
            errors.append(
                arguments.error(
                    "\(kind): only one of 'creates', 'unless' and 'check' may be given",
                    hint: "write one 'check' that looks at everything"))
        }
        var environment: [String: String] = [:]
        for (name, value) in arguments.map("environment") ?? [:] {
            if !isVariableName(name) {
                errors.append(
                    arguments.error(
                        "\(kind).environment: '\(arguments.shown("environment", name))' cannot name a variable",
                        at: "environment"))
            }
            environment[name] = value.string
        }
        let user = arguments.string("user")
        if let user, !isUserName(user) {
            errors.append(arguments.error("\(kind).user: '\(arguments.shown("user"))' is no user name", at: "user"))
        }
        surroundings = Surroundings(directory: arguments.string("chdir"), environment: environment, user: user)
        touched = arguments.strings("touches").map { $0.map { .path($0) } }
        isSensitive = ["script", "unless", "check", "environment"].contains { arguments.isSensitive($0) }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String {
        if isSensitive { return "(sensitive)" }
        let line = script.text.split(separator: "\n").map { $0.drop { $0 == " " } }
            .first { !$0.isEmpty && !$0.hasPrefix("#") && !$0.hasPrefix("set -") }
        guard let line else { return "an empty script" }
        return line.count > 60 ? line.prefix(59) + "…" : String(line)
    }

    public var canTellBeforehand: Bool { test != nil }

    public static func probe(_ all: [Command]) -> Script {
        Script.lines([Look.prepare] + all.map(\.look))
    }

    private var look: Script {
        switch test {
        case nil: "printf '1\\0\\0\\0'"
        case .creates(let path): "if [ -e \(path) ]; then printf '0\\0\\0\\0'; else printf '1\\0\\0\\0'; fi"
        case .unless(let script), .check(let script): Look(script: script, surroundings: surroundings).run
        }
    }

    public static func read(_ output: [UInt8], of all: [Command]) throws(Failure) -> [Found] {
        var fields = FieldReader(output, deed: "tell whether commands are needed")
        var found: [Found] = []
        for command in all { found.append(command.judge(try Look.read(&fields))) }
        try fields.end()
        return found
    }

    private func judge(_ answer: Look.Answer) -> Found {
        switch test {
        case nil: return .needed(nil)
        case .creates(let path):
            return answer.succeeded ? .nothingToDo("\(path) is there") : .needed("\(path) is not there")
        case .unless, .check:
            if answer.succeeded { return .nothingToDo("its check is content") }
            let said = isSensitive ? "(sensitive)" : answer.said
            if answer.timedOut { return .unclear("its check did not end within 30 s") }
            if case .unless = test { return .needed("its 'unless' exits with \(answer.status)") }
            return .needed(said ?? "its check exits with \(answer.status)")
        }
    }

    public func difference(from found: Found) -> Difference {
        switch found {
        case .nothingToDo(let why): .none(why)
        case .needed(let why): .change(Change(.run, details: why.map { [.note($0)] } ?? [], steps: steps))
        case .unclear(let why): .fails(cause: why, hint: "a check only looks, and quickly: what does it wait for?")
        }
    }

    /// A shell that runs this long has its task's own `timeout`; this is the end of all patience.
    private var steps: [Step] {
        let enter = surroundings.enter(orElse: "echo 'chdir: no such directory' >&2; exit 1")
        if surroundings.user == nil { return [.run(Script.lines([enter, script]), deadline: .seconds(3600))] }
        return [
            .run(
                """
                \(enter)
                KUBANI_SCRIPT=\(script.text)
                export KUBANI_SCRIPT
                \(surroundings.shell)
                """, deadline: .seconds(3600))
        ]
    }

    public var touches: [Effect] { touched ?? [.everything] }

    public func dependsOn(_ found: Found) -> [Effect] {
        if case .creates(let path) = test { return [.path(path), .packages] }
        return [.everything]
    }

    public var whenNotified: Change? { Change(.run, steps: steps) }
}

func isVariableName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return name.unicodeScalars.allSatisfy {
        $0 == "_" || ($0.isASCII && $0.properties.isAlphabetic) || ("0"..."9").contains($0)
    }
}

/// What `useradd` takes, and nothing that `su` could read as an option.
func isUserName(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, first != "-" else { return false }
    return name.unicodeScalars.allSatisfy {
        $0 == "_" || $0 == "-" || $0 == "." || ($0.isASCII && $0.properties.isAlphabetic) || ("0"..."9").contains($0)
    }
}
