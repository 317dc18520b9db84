import Model

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An address or a network, brought to the one form that firewalls show it in: no bits of the host, no /32.
struct Network: Sendable, Hashable, CustomStringConvertible {
    let text: String
    let isIPv6: Bool
    private let bytes: [UInt8]
    private let length: Int

    var description: String { text }

    /// - Parameter written: `10.42.0.0/16`, `100.64.0.1`, `fd7a::/48`.
    init?(_ written: String) {
        let parts = written.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let family = parts[0].contains(":") ? AF_INET6 : AF_INET
        let width = family == AF_INET6 ? 128 : 32
        var bytes = [UInt8](repeating: 0, count: width / 8)
        guard inet_pton(family, parts[0], &bytes) == 1 else { return nil }
        var length = width
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...width).contains(given), parts[1].allSatisfy(\.isNumber) else {
                return nil
            }
            length = given
        }
        for index in bytes.indices {
            let kept = min(8, max(0, length - index * 8))
            bytes[index] &= kept == 0 ? 0 : ~UInt8(0) << UInt8(8 - kept)
        }
        var buffer = [CChar](repeating: 0, count: 64)
        guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return nil }
        let address = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        text = length == width ? address : "\(address)/\(length)"
        isIPv6 = family == AF_INET6
        self.bytes = bytes
        self.length = length
    }

    func contains(_ other: Network) -> Bool {
        guard isIPv6 == other.isIPv6, length <= other.length else { return false }
        return bytes.indices.allSatisfy { index in
            let kept = min(8, max(0, length - index * 8))
            let mask = kept == 0 ? 0 : ~UInt8(0) << UInt8(8 - kept)
            return bytes[index] == other.bytes[index] & mask
        }
    }
}
