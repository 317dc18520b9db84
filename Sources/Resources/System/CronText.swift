import Model
import OrderedCollections

/// What a file of /etc/cron.d holds (crontab(5)).
enum CronText {
    static func isFileName(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix("-")
            && name.unicodeScalars.allSatisfy {
                $0 == "-" || $0 == "_" || ($0.isASCII && $0.properties.isAlphabetic) || ("0"..."9").contains($0)
            }
    }

    static func text(_ arguments: Arguments, user: String, into errors: inout [InputError]) -> String {
        let schedule = (arguments.string("schedule") ?? "").split { $0 == " " || $0 == "\t" }.map(String.init)
        if arguments.has("schedule"), let why = mistake(in: schedule) {
            errors.append(
                arguments.error(
                    "cron.schedule: '\(arguments.shown("schedule"))': \(why)", at: "schedule",
                    hint: "minute hour day month weekday, as \"30 3 * * *\", or @daily"))
        }
        let job = arguments.string("job") ?? ""
        if arguments.has("job"), job.allSatisfy(\.isWhitespace) || job.contains(where: \.isNewline) {
            errors.append(
                arguments.error("cron.job: one line is needed", at: "job", hint: "a longer one can be a file's"))
        }
        var lines = ["# Kept by kubani."]
        for (name, value) in arguments.map("environment") ?? [:] {
            let text = value.string ?? ""
            if !isVariableName(name) {
                errors.append(
                    arguments.error(
                        "cron.environment: '\(arguments.shown("environment", name))' cannot name a variable",
                        at: "environment"))
            }
            let hasBoth = text.contains("\"") && text.contains("'")
            if hasBoth || text.contains(where: \.isNewline) {
                errors.append(
                    arguments.error(
                        "cron.environment: what \(name) holds cannot be written in cron's way", at: "environment",
                        hint: "one line, without both kinds of quotes"))
            }
            let quote = text.contains("\"") ? "'" : "\""
            lines.append("\(name)=\(quote)\(text)\(quote)")
        }
        // cron takes a % for the end of a line.
        lines.append("\(schedule.joined(separator: " ")) \(user) \(job.replacing("%", with: "\\%"))")
        return lines.joined(separator: "\n") + "\n"
    }

    private static let special: Set<String> = [
        "@reboot", "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly",
    ]
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    private static let parts: [(name: String, range: ClosedRange<Int>, names: [String])] = [
        ("minute", 0...59, []), ("hour", 0...23, []), ("day", 1...31, []), ("month", 1...12, months),
        ("weekday", 0...7, days),
    ]

    /// Why it is no schedule; nil where it is one.
    static func mistake(in words: [String]) -> String? {
        if words.count == 1, words[0].hasPrefix("@") {
            return special.contains(words[0]) ? nil : "cron knows no such time"
        }
        if words.count != 5 { return "five parts are needed, not \(words.count)" }
        for (word, part) in zip(words, parts) {
            for item in word.split(separator: ",", omittingEmptySubsequences: false) where !isPart(item, part) {
                return "'\(word)' is no \(part.name)"
            }
        }
        return nil
    }

    private static func isPart(
        _ item: Substring, _ part: (name: String, range: ClosedRange<Int>, names: [String])
    ) -> Bool {
        let halves = item.split(separator: "/", omittingEmptySubsequences: false)
        if halves.count > 2 { return false }
        func number(_ text: Substring) -> Int? {
            if let index = part.names.firstIndex(of: text.lowercased()) { return index + part.range.lowerBound }
            guard text.allSatisfy({ ("0"..."9").contains($0) }), let number = Int(text) else { return nil }
            return part.range.contains(number) ? number : nil
        }
        let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        let isRange = halves[0] == "*" || ends.count == 2
        if halves.count == 2 {
            guard isRange, let step = Int(halves[1]), step > 0, step <= part.range.upperBound else { return false }
        }
        if halves[0] == "*" { return true }
        let numbers = ends.map(number)
        guard ends.count <= 2, !numbers.contains(nil) else { return false }
        return numbers.count == 1 || (numbers[0] ?? 0) <= (numbers[1] ?? 0)
    }
}
