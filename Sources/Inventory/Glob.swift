/// Shell globs as Python's fnmatch has them: `*`, `?`, `[abc]`, `[a-z]`, `[!abc]`; the whole name must match.
public enum Glob {
    public static func matches(_ pattern: String, _ name: String) -> Bool {
        let (pattern, name) = (Array(pattern.unicodeScalars), Array(name.unicodeScalars))
        var (p, n) = (0, 0)
        // Where to go on when the last star has to take one character more.
        var retry: (pattern: Int, name: Int)?
        while n < name.count {
            if p < pattern.count, pattern[p] == "*" {
                retry = (p + 1, n)
                p += 1
            } else if p < pattern.count, let next = one(pattern, p, name[n]) {
                (p, n) = (next, n + 1)
            } else if let again = retry {
                retry = (again.pattern, again.name + 1)
                (p, n) = (again.pattern, again.name + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }

    /// The place after the pattern's item at `p`, where that takes the character.
    private static func one(_ pattern: [Unicode.Scalar], _ p: Int, _ character: Unicode.Scalar) -> Int? {
        guard pattern[p] == "[" else { return pattern[p] == "?" || pattern[p] == character ? p + 1 : nil }
        var at = p + 1
        let isNegated = at < pattern.count && pattern[at] == "!"
        if isNegated { at += 1 }
        // A bracket first in the set is a member; without a closing one, `[` is itself.
        guard let close = pattern.indices.first(where: { $0 > at && pattern[$0] == "]" }) else {
            return character == "[" ? p + 1 : nil
        }
        var isMember = false
        while at < close {
            if at + 2 < close, pattern[at + 1] == "-" {
                isMember = isMember || pattern[at] <= character && character <= pattern[at + 2]
                at += 3
            } else {
                isMember = isMember || pattern[at] == character
                at += 1
            }
        }
        return isMember != isNegated ? close + 1 : nil
    }
}
