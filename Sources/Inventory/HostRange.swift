import Model

/// Names from one with ranges: `node[01:10]`, `rack[a:c]-[0:10:2]`; bounds are included.
enum HostRange {
    /// More names than this are a typing mistake.
    static let greatest = 100_000

    struct Mistake: Error {
        var message: String
    }

    static func names(_ pattern: String) throws(Mistake) -> [String] {
        guard let opening = pattern.firstIndex(of: "[") else { return [pattern] }
        guard let closing = pattern[opening...].firstIndex(of: "]"), pattern[..<opening].firstIndex(of: "]") == nil
        else { throw Mistake(message: "'\(pattern)': a range begins with '[' and ends with ']'") }
        let head = pattern[..<opening]
        let tails = try names(String(pattern[pattern.index(after: closing)...]))
        let middles = try sequence(pattern[pattern.index(after: opening)..<closing], of: pattern)
        guard middles.count * tails.count <= greatest else {
            throw Mistake(message: "'\(pattern)' stands for more than \(greatest) hosts")
        }
        return middles.flatMap { middle in tails.map { head + middle + $0 } }
    }

    /// What stands for the same names but one; empty where two patterns at the most would not do.
    static func patterns(of pattern: String, without name: String) -> [String] {
        guard let opening = pattern.firstIndex(of: "["), let closing = pattern.firstIndex(of: "]"),
            let all = try? names(pattern), let index = all.firstIndex(of: name),
            let middles = try? sequence(pattern[pattern.index(after: opening)..<closing], of: pattern),
            middles.count == all.count
        else { return [] }
        let (head, tail) = (pattern[..<opening], pattern[pattern.index(after: closing)...])
        let step = pattern[opening..<closing].split(separator: ":").dropFirst(2).first.map { ":\($0)" } ?? ""
        return [middles[..<index], middles[(index + 1)...]].compactMap { part in
            guard let first = part.first, let last = part.last else { return nil }
            return part.count == 1 ? "\(head)\(first)\(tail)" : "\(head)[\(first):\(last)\(step)]\(tail)"
        }
    }

    private static func sequence(_ inside: Substring, of pattern: String) throws(Mistake) -> [String] {
        let bounds = inside.split(separator: ":", omittingEmptySubsequences: false)
        guard bounds.count == 2 || bounds.count == 3 else {
            throw Mistake(message: "'\(pattern)': a range is [begin:end] or [begin:end:step]")
        }
        guard !bounds[1].isEmpty else { throw Mistake(message: "'\(pattern)': the range has no end") }
        guard let step = bounds.count == 3 ? Int(bounds[2]) : 1, step > 0 else {
            throw Mistake(message: "'\(pattern)': the range's step is a whole number above 0")
        }
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if bounds[0].count == 1, bounds[1].count == 1, let first = letters.firstIndex(of: bounds[0].first ?? "0"),
            let last = letters.firstIndex(of: bounds[1].first ?? "0")
        {
            guard first <= last else { throw Mistake(message: "'\(pattern)': the range ends before it begins") }
            return stride(from: first, through: last, by: step).map { String(letters[$0]) }
        }
        guard let first = bounds[0].isEmpty ? 0 : Int(bounds[0]), let last = Int(bounds[1]), first >= 0 else {
            throw Mistake(message: "'\(pattern)': a range is between two whole numbers or two letters")
        }
        guard first <= last else { throw Mistake(message: "'\(pattern)': the range ends before it begins") }
        let width = bounds[0].hasPrefix("0") && bounds[0].count > 1 ? bounds[0].count : 1
        guard width == 1 || width == bounds[1].count else {
            throw Mistake(message: "'\(pattern)': bounds with leading zeros must be of the same length")
        }
        guard (last - first) / step < greatest else {
            throw Mistake(message: "'\(pattern)' stands for more than \(greatest) hosts")
        }
        return stride(from: first, through: last, by: step).map {
            let digits = String($0)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
    }
}
