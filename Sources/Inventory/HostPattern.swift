import Model
import OrderedCollections

extension Inventory {
    /// Groups that kubani gives a meaning to. Where an inventory has none of the name, it is an empty one: a cluster of
    /// servers alone has no `workers`.
    public static let standardGroups = ["control_plane", "workers"]

    /// The hosts that a pattern of Ansible's names: `web`, `a:b` or `a,b`, `a:&b` (in both), `a:!b` (not in b), `web*`,
    /// `~web\d+`, `web[0]`, `web[-1]`, `web[1:3]`, `all`. In the pattern's order, each once.
    ///
    /// - Throws: every name that is no host and no group, with the nearest one. (Ansible warns and goes on, and a
    ///   misspelt `!name` then leaves nothing out.) A glob or expression may match nothing after `&` or `!` only.
    public func hosts(matching pattern: String) throws(InputErrors) -> [Host] {
        let parts = HostPattern.split(pattern)
        var regular = parts.filter { !$0.hasPrefix("&") && !$0.hasPrefix("!") }
        if regular.isEmpty { regular = ["all"] }
        var errors: [InputError] = parts.isEmpty ? [InputError("the host pattern is empty")] : []
        var chosen: OrderedSet<String> = []
        func matched(_ part: String, mustMatch: Bool) -> [String] {
            do throws(InputErrors) { return try matches(HostPattern(part), mustMatch: mustMatch) } catch {
                errors += error.errors
                return []
            }
        }
        for part in regular {
            chosen.append(contentsOf: positions[part] != nil ? [part] : matched(part, mustMatch: true))
        }
        for part in parts where part.hasPrefix("&") {
            let others = Set(matched(String(part.dropFirst()), mustMatch: false))
            chosen.removeAll { !others.contains($0) }
        }
        for part in parts where part.hasPrefix("!") {
            let others = Set(matched(String(part.dropFirst()), mustMatch: false))
            chosen.removeAll { others.contains($0) }
        }
        if !errors.isEmpty { throw InputErrors(errors) }
        return chosen.compactMap { host(named: $0) }
    }

    private func matches(_ pattern: HostPattern, mustMatch: Bool) throws(InputErrors) -> [String] {
        let text = pattern.expression
        let groupNames = try pattern.select(from: groups.keys)
        var found: OrderedSet<String> = []
        for name in groupNames { found.append(contentsOf: hosts(inGroup: name).map(\.name)) }
        if groupNames.isEmpty || pattern.mayNameBoth {
            found.append(contentsOf: try pattern.select(from: hosts.map(\.name)))
        }
        if found.isEmpty, groupNames.isEmpty, text != "all", !Self.standardGroups.contains(text) {
            if !pattern.mayNameBoth {
                let near = nearestName(to: text, among: Array(groups.keys) + hosts.map(\.name))
                throw InputErrors(
                    InputError(
                        "'\(text)' is no host and no group of \(path)", hint: near.map { "did you mean '\($0)'?" }))
            }
            if mustMatch { throw InputErrors(InputError("'\(text)' matches no host and no group of \(path)")) }
        }
        guard let subscripted = pattern.apply(to: Array(found)) else {
            throw InputErrors(InputError("'\(pattern.text)': there are only \(found.count) hosts"))
        }
        return subscripted
    }
}

/// One part of a host pattern, without `&` and `!`.
struct HostPattern {
    enum Subscript: Equatable {
        case one(Int)
        case slice(Int, Int)
    }

    let text: String
    /// What names are compared with: the text without its subscript.
    private(set) var expression: String
    private(set) var position: Subscript?

    init(_ text: String) {
        self.text = text
        expression = text
        guard !text.hasPrefix("~"), text.hasSuffix("]"), let opening = text.lastIndex(of: "["),
            opening > text.startIndex
        else { return }
        let inside = text[text.index(after: opening)...].dropLast()
        if let index = Self.number(inside, signed: true) {
            position = .one(index)
        } else if let colon = inside.firstIndex(where: { $0 == ":" || $0 == "-" }),
            let first = Self.number(inside[..<colon], signed: false)
        {
            let last = inside[inside.index(after: colon)...]
            if last.isEmpty {
                position = .slice(first, -1)
            } else if let last = Self.number(last, signed: false) {
                // To Ansible an end of 0 is no end at all.
                position = last == 0 ? .one(first) : .slice(first, last)
            }
        }
        if position != nil { expression = String(text[..<opening]) }
    }

    private static func number(_ text: Substring, signed: Bool) -> Int? {
        let digits = signed && text.hasPrefix("-") ? text.dropFirst() : text
        return digits.isEmpty || !digits.allSatisfy({ $0.isASCII && $0.isNumber }) ? nil : Int(text)
    }

    /// Whether hosts are looked at even where a group matches.
    var mayNameBoth: Bool { expression.hasPrefix("~") || expression.contains { ".?*[".contains($0) } }

    func select(from names: some Sequence<String>) throws(InputErrors) -> [String] {
        guard expression.hasPrefix("~") else { return names.filter { Glob.matches(expression, $0) } }
        let regex: Regex<AnyRegexOutput>
        do { regex = try Regex(String(expression.dropFirst())).matchingSemantics(.unicodeScalar) } catch {
            throw InputErrors(InputError("'\(expression)' is no regular expression: \(error)"))
        }
        return names.filter { ((try? regex.prefixMatch(in: $0)) ?? nil) != nil }
    }

    /// - Returns: nil where a single index is beyond the list.
    func apply(to hosts: [String]) -> [String]? {
        guard let position, !hosts.isEmpty else { return hosts }
        switch position {
        case .one(let index):
            let place = index < 0 ? hosts.count + index : index
            return hosts.indices.contains(place) ? [hosts[place]] : nil
        case .slice(let first, let last):
            let end = last == -1 || last >= hosts.count ? hosts.count : last + 1
            return first < end ? Array(hosts[first..<end]) : []
        }
    }

    /// Parts between commas; without any, between colons, unless the whole is an address or a range.
    static func split(_ pattern: String) -> [String] {
        if pattern.contains(",") {
            return pattern.split(separator: ",").map { $0.drop(while: \.isWhitespace) }
                .map { String($0.reversed().drop(while: \.isWhitespace).reversed()) }.filter { !$0.isEmpty }
        }
        if HostAddress(pattern) != nil { return [pattern] }
        var parts: [String] = []
        var part = ""
        var rest = pattern[...]
        while let character = rest.popFirst() {
            if character == "[", let close = rest.firstIndex(of: "]") {
                part += "[" + rest[...close]
                rest = rest[rest.index(after: close)...]
            } else if character == ":" || character == "[" || character == "]" || character.isWhitespace {
                parts.append(part)
                part = ""
            } else {
                part.append(character)
            }
        }
        return (parts + [part]).filter { !$0.isEmpty }
    }
}
