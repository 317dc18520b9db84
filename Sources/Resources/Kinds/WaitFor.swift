import Model

/// Something that comes true by itself: a port that opens, a page that answers, a file that appears.
public struct WaitFor: ShellKind {
    public static let name = "wait_for"
    public static let summary = """
        Waits on the node until a port takes connections, a URL answers, a path is there or a script exits with 0. \
        When the time is up, it fails and shows what it last saw. It changes nothing. As a handler it waits when notified.
        """
    public static let example = """
        - name: the API answers
          wait_for:
            http: "https://127.0.0.1:6443/readyz"
            status: ["200", "401"]
            insecure: true
            timeout: 3m
        """
    public static let changesNothing = true
    public static let fields = [
        Field("port", .int, "A TCP port that must take connections."),
        Field("host", .string, "The address that `port` belongs to, as the node sees it (127.0.0.1)."),
        Field("http", .string, "A URL that must answer; redirects are not followed."),
        Field("status", .oneOrMany(.string), "The HTTP statuses to wait for, as \"200\" or \"200-399\" (200-399)."),
        Field("insecure", .bool, "Whether any TLS certificate will do (false)."),
        Field("path", .path, "A path that must exist."),
        Field("command", .script, "A read-only script that must exit with 0."),
        Field(
            "explain", .script,
            "A read-only script that looks for the reason: it is run while the wait lasts, after the first ten seconds. What it prints is told when the time is up; where it exits with 0, nothing more is to be hoped for, and the wait ends. A last line `hint: …` says what to do. `$began` is when the wait began, in seconds since 1970."
        ),
        Field("explain_template", .templateFile, "As `explain`, from a template of the role's `templates/`."),
        Field("timeout", .duration, "How long to wait (5m)."),
        Field("interval", .pause, "How long to rest between two looks (1s)."),
    ]

    let goal: Goal
    let timeout: Duration
    let interval: Duration
    let isSensitive: Bool
    let explain: Script?

    public struct Found: Sendable, Equatable {
        var isTrue: Bool
        /// What the look saw instead, in words.
        var saw: String
    }

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        let goals = ["port", "http", "path", "command"].filter { arguments.has($0) }
        if goals.count != 1 {
            errors.append(
                arguments.error(
                    "wait_for: one of 'port', 'http', 'path' and 'command' is needed"
                        + (goals.isEmpty ? "" : ", not \(goals.joined(separator: " and "))")))
        }
        timeout = arguments.duration("timeout") ?? .seconds(300)
        interval = max(arguments.duration("interval") ?? .seconds(1), .milliseconds(100))
        explain = arguments.script("explain") ?? arguments.script("explain_template")
        isSensitive = ["host", "http", "command"].contains { arguments.isSensitive($0) }
        goal = Goal(arguments, into: &errors)
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { isSensitive ? "(sensitive)" : goal.description }

    public static func probe(_ all: [WaitFor]) -> Script {
        Script.lines(
            [Look.prepare] + all.map { Look(script: $0.goal.look, deadline: $0.goal.patience, isPatient: true).run })
    }

    public static func read(_ output: [UInt8], of all: [WaitFor]) throws(Failure) -> [Found] {
        var fields = FieldReader(output, deed: "look at what is waited for")
        var found: [Found] = []
        for _ in all {
            let answer = try Look.read(&fields)
            let saw = answer.timedOut ? "no answer" : answer.said ?? "exit status \(answer.status)"
            found.append(Found(isTrue: answer.succeeded, saw: saw))
        }
        try fields.end()
        return found
    }

    public func difference(from found: Found) -> Difference {
        if found.isTrue { return .none("so already") }
        let saw = isSensitive ? "(sensitive)" : found.saw
        return .change(change("up to \(words(timeout)); now: \(saw)"))
    }

    public var whenNotified: Change? { change("up to \(words(timeout))") }

    private func change(_ note: String) -> Change {
        Change(
            .wait, details: [.note(note)],
            steps: [.run(poll, deadline: timeout + goal.patience + .seconds(explain == nil ? 15 : 60))])
    }

    /// Looks again until it is so. The time is the kernel's since boot: a clock that a time server sets meanwhile must
    /// neither cut the wait short nor stretch it.
    var poll: Script {
        let pause = "\(Double(milliseconds(interval)) / 1000)"
        return """
            \(Look.prepare)
            uptime() { read -r now rest </proc/uptime; now=${now%%.*}; }
            uptime
            \(explain == nil ? Script("") : Script("began=$(date +%s)"))
            end=$((now + \(Int((milliseconds(timeout) + 999) / 1000))))
            while :; do
                saw=$(
            \(Look(script: goal.look, deadline: goal.patience, isPatient: true).run) | tr '\\000' '\\n')
                status=${saw%%
            *}
                [ "$status" = 0 ] && exit 0
                uptime
                [ "$now" -lt "$end" ] || break
            \(explanation)
                sleep \(pause) 2>/dev/null || sleep 1
            done
            case $status in 124 | 143) saw="no answer" ;; esac
            \(lastExplanation)
            printf '%s\\n' "$saw" | sed '1{/^[0-9]*$/d;}' | grep . | tail -n 20 >&2
            printf '%s\\n' \("\(subject) did not come true within \(words(timeout)); above is what was last seen") >&2
            exit 1
            """
    }

    /// The reason is looked for every few seconds, not at every look: it may be a dear one to find.
    private var explanation: Script {
        guard let explain else { return "" }
        return """
                if [ "$now" -ge "${next:=$((now + 10))}" ]; then
                    next=$((now + 5))
                    if why=$(eval \(explain.text) 2>&1 </dev/null); then
                        printf '%s\n' "$why" >&2
                        exit 1
                    fi
                fi
            """
    }

    private var lastExplanation: Script {
        guard let explain else { return "" }
        return """
            why=$(eval \(explain.text) 2>&1 </dev/null)
            if [ -n "$why" ]; then
                printf '%s\n' \("\(subject) did not come true within \(words(timeout))") "$why" >&2
                exit 1
            fi
            """
    }

    public var touches: [Effect] { [] }
    public func dependsOn(_ found: Found) -> [Effect] { [.everything] }
    public var probeDeadline: Duration { goal.patience + .seconds(10) }
}

private func milliseconds(_ duration: Duration) -> Int {
    Int(duration.components.seconds) * 1000 + Int(duration.components.attoseconds / 1_000_000_000_000_000)
}

/// A duration as a role has it: "5m", "90s", "1h".
private func words(_ duration: Duration) -> String {
    let all = milliseconds(duration)
    if all % 1000 != 0 { return "\(all)ms" }
    let seconds = all / 1000
    if seconds > 0, seconds % 3600 == 0 { return "\(seconds / 3600)h" }
    return seconds > 0 && seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
}
