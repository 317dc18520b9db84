/// An IPv4 address in dotted decimals, without leading zeros.
struct IPv4Address: Hashable, Comparable, CustomStringConvertible {
    var bits: UInt32

    init(bits: UInt32) { self.bits = bits }

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard part.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let number = UInt8(part), part.count == 1 || !part.hasPrefix("0")
            else { return nil }
            bits = bits << 8 | UInt32(number)
        }
        self.bits = bits
    }

    var description: String {
        [24, 16, 8, 0].map { String(bits >> UInt32($0) & 0xFF) }.joined(separator: ".")
    }

    static func < (a: IPv4Address, b: IPv4Address) -> Bool { a.bits < b.bits }
}

/// A network in CIDR form, such as 100.64.0.0/10.
struct IPv4Network: Hashable, CustomStringConvertible {
    var address: IPv4Address
    var length: Int

    /// - Returns: nil where the text is no network. Bits below the mask are kept: see `isAligned`.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPv4Address(String(parts[0])), let length = UInt8(parts[1]), length <= 32,
            parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        self.address = address
        self.length = Int(length)
    }

    private var mask: UInt32 { length == 0 ? 0 : ~0 << UInt32(32 - length) }

    /// The network's own first address.
    var first: IPv4Address { IPv4Address(bits: address.bits & mask) }
    /// Whether it is written with its first address: 10.42.0.0/16, not 10.42.0.1/16.
    var isAligned: Bool { first == address }
    var description: String { "\(address)/\(length)" }

    func contains(_ address: IPv4Address) -> Bool { address.bits & mask == first.bits }
    func overlaps(_ other: IPv4Network) -> Bool { contains(other.first) || other.contains(first) }
}
