import Model

/// How the looks of one script are kept from each other.
public enum ShellLooks {
    /// Stands before looks that share their script's own deadline: a role's check is then no process of its own, of which
    /// it would take four. Whoever says so asks again without it where that deadline passes.
    public static let together: Script = "together=yes"
    public static let apart: Script = "together="
}

/// A read-only script of a role's author, run within a probe: in a shell of its own, so that neither an `exit`, a syntax
/// error nor, unless it is asked `together`, a hang in it touches the looks beside it.
struct Look: Sendable, Hashable {
    var script: Script
    var surroundings = Surroundings()
    var deadline: Duration = .seconds(30)
    /// Whether its deadline is often what ends it: then it has one of its own in any case.
    var isPatient = false

    /// What a look gave: its exit status and what it said.
    struct Answer: Sendable, Hashable {
        var status: Int
        var stdout: String
        var stderr: String

        var succeeded: Bool { status == 0 }
        /// coreutils' `timeout` says 124 of what it ended, busybox's lets the signal be seen.
        var timedOut: Bool { status == 124 || status == 143 }
        /// What it said, for people: its output or, without one, its errors; at most ten lines.
        var said: String? {
            let text = stdout.isEmpty ? stderr : stdout
            let lines = text.split(separator: "\n").suffix(10)
            return lines.isEmpty ? nil : lines.joined(separator: "\n")
        }
    }

    /// Defines `look SECONDS COMMAND…`, which prints three fields: the status, the output and the errors. Without
    /// arguments it evaluates `KUBANI_SCRIPT`.
    static let prepare: Script = """
        look() {
            {
                errors=$({
                    if [ $# = 0 ]; then output=$(eval "$KUBANI_SCRIPT" 3>&-); else output=$(timeout "$@" 3>&-); fi
                    status=$?
                    printf '%s\\0%.65536s\\0' "$status" "$output" >&3
                } 2>&1)
            } 3>&1
            printf '%.65536s\\0' "$errors"
        }
        """

    /// Prints the three fields of `look`.
    var run: Script {
        """
        (
        \(surroundings.enter(orElse: "printf '1\\0\\0no directory to go to\\0'; exit"))
        KUBANI_SCRIPT=\(script.text)
        \(isPatient || surroundings.user != nil ? Script("") : "if [ -n \"$together\" ]; then look; exit; fi")
        export KUBANI_SCRIPT
        look \(Int(deadline.components.seconds)) \(surroundings.shell)
        )
        """
    }

    static func read(_ fields: inout FieldReader) throws(Failure) -> Answer {
        Answer(status: try fields.nextInt(), stdout: try fields.nextLineText(), stderr: try fields.nextLineText())
    }
}

/// Where and as whom a role's script runs. The environment is exported and the script handed over in it: neither ever
/// stands in a process's arguments, where every user of the node could read it.
struct Surroundings: Sendable, Hashable {
    var directory: String?
    var environment: [String: String] = [:]
    var user: String?

    func enter(orElse give: Script) -> Script {
        var lines: [Script] = environment.sorted { $0.key < $1.key }.map {
            "export \(Script(written: $0.key))=\($0.value)"
        }
        if let directory { lines.append("cd -- \(directory) 2>/dev/null || { \(give); }") }
        return Script.lines(lines)
    }

    /// A command that runs what `KUBANI_SCRIPT` holds.
    var shell: Script {
        let evaluate = #"script=$KUBANI_SCRIPT; unset KUBANI_SCRIPT; eval "$script""#
        guard let user else { return "sh -c \(evaluate)" }
        return "su -s /bin/sh -c \(evaluate) \(user)"
    }
}
