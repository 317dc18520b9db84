import Model

/// Whether an unknown variable is a known one misspelt, or somebody's own. Unlike a command's, such names are free, so
/// only what lies very near counts.
enum Misspelling {
    static func meant(by name: String, among known: some Collection<String>) -> String? {
        guard !known.contains(name) else { return nil }
        let plain = name.lowercased().map { $0 == "-" ? "_" : $0 }
        if let same = known.first(where: { Array($0) == plain }) { return same }
        guard name.count >= 5 else { return nil }
        return known.filter { isNear(plain, Array($0)) }.min { ($0.count, $0) < ($1.count, $1) }
    }

    /// Cut short (`reserved_mem`), or all but two letters in one place the same (`tailscal_ip`, `node_lables`).
    private static func isNear(_ name: [Character], _ known: [Character]) -> Bool {
        guard known.count >= 5 else { return false }
        if known.starts(with: name) { return name.count * 3 >= known.count * 2 }
        if name.starts(with: known), let next = name.dropFirst(known.count).first, next == "_" || next.isNumber {
            return false
        }
        let ahead = zip(name, known).prefix { $0 == $1 }.count
        let behind = zip(name.dropFirst(ahead).reversed(), known.dropFirst(ahead).reversed()).prefix { $0 == $1 }.count
        return max(name.count, known.count) - ahead - behind <= 2
    }
}
