import OrderedCollections

/// The addresses of a node that has no `ip`, from the kernel's own tables.
struct RouteFiles {
    /// The lines of /proc/net/fib_trie, and the words of those of /proc/net/route and /proc/net/if_inet6.
    var trie: [Substring]
    var routes: [[Substring]]
    var inet6: [[Substring]]

    var interfaces: OrderedDictionary<String, [String]> {
        var interfaces: OrderedDictionary<String, [String]> = [:]
        for address in localAddresses {
            guard let number = Self.number(address), let name = interface(of: number) else { continue }
            interfaces[name, default: []].append(address)
        }
        for words in inet6 where words.count > 5 {
            interfaces[String(words[5]), default: []].append(Self.shortened(words[0]))
        }
        return interfaces
    }

    /// The trie has an address on one line and what it is on the next: `|-- 192.0.2.1`, then `/32 host LOCAL`.
    private var localAddresses: [String] {
        var found: [String] = []
        for (line, next) in zip(trie, trie.dropFirst()) where next.contains("/32 host LOCAL") {
            let address = String(line.split(separator: " ").last ?? "")
            if !found.contains(address) { found.append(address) }
        }
        return found
    }

    /// The interface whose network holds the address: the tables name none with an address itself.
    private func interface(of address: UInt32) -> String? {
        if address >> 24 == 127 { return "lo" }
        let networks = routes.compactMap { words -> (name: Substring, mask: UInt32)? in
            guard words.count > 7, let network = UInt32(words[1], radix: 16), let mask = UInt32(words[7], radix: 16),
                mask != 0, address & mask.byteSwapped == network.byteSwapped
            else { return nil }
            return (words[0], mask.byteSwapped)
        }
        return networks.max { $0.mask < $1.mask }.map { String($0.name) }
    }

    private static func number(_ address: String) -> UInt32? {
        let parts = address.split(separator: ".").compactMap { UInt8($0) }
        return parts.count == 4 ? parts.reduce(0) { $0 << 8 | UInt32($1) } : nil
    }

    /// 32 hexadecimal digits as people write an IPv6 address: the longest run of zero groups is left out.
    private static func shortened(_ digits: Substring) -> String {
        var groups: [String] = []
        var rest = digits
        while !rest.isEmpty {
            groups.append(String(Int(rest.prefix(4), radix: 16) ?? 0, radix: 16))
            rest = rest.dropFirst(4)
        }
        var best = 0..<0
        var start = 0
        for index in 0...groups.count {
            if index < groups.count, groups[index] == "0" { continue }
            if index - start > max(1, best.count) { best = start..<index }
            start = index + 1
        }
        if best.isEmpty { return groups.joined(separator: ":") }
        return groups[..<best.lowerBound].joined(separator: ":") + "::"
            + groups[best.upperBound...].joined(separator: ":")
    }
}
