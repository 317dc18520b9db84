import Model

/// Scripts that run one after the other in one request, and their answers. After each stands a line with a marker that
/// no output can know; on standard output it tells the script's status.
struct AnswerSections: Sendable {
    let marker: String

    /// Each script in a shell of its own, so that no `exit` in one reaches the next. Ends with status 0.
    func joined(_ scripts: [Script]) -> Script {
        let closed = scripts.map { script -> Script in
            """
            (
            \(script)
            ) </dev/null
            printf '\\n%s %s\\n' \(marker) $?; printf '\\n%s\\n' \(marker) >&2
            """
        }
        return .lines(closed + [":"])
    }

    /// The answers of those scripts that came to their end.
    func split(_ outcome: Outcome) -> [Outcome] {
        let errors = parts(of: outcome.stderr)
        return parts(of: outcome.stdout).enumerated().map { i, part in
            Outcome(status: part.status, stdout: part.body, stderr: i < errors.count ? errors[i].body : [])
        }
    }

    /// The parts that end in "\n", the marker and, on standard output, a status.
    private func parts(of bytes: [UInt8]) -> [(body: [UInt8], status: Int32)] {
        var parts: [(body: [UInt8], status: Int32)] = []
        let needle = Array("\n\(marker)".utf8)
        var start = 0
        var i = 0
        while i + needle.count <= bytes.count {
            if bytes[i] == needle[0], bytes[i..<i + needle.count].elementsEqual(needle) {
                let end = bytes[(i + needle.count)...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                let status = String(decoding: bytes[(i + needle.count)..<end], as: UTF8.self)
                parts.append((Array(bytes[start..<i]), Int32(status.drop { $0 == " " }) ?? 0))
                start = min(end + 1, bytes.count)
                i = start
            } else {
                i += 1
            }
        }
        return parts
    }
}
