/// An output of any length, of which the head and the tail are kept, and how much there was between them.
public struct KeptOutput: Sendable {
    private let headLimit: Int
    private let tailLimit: Int
    private var head: [UInt8] = []
    /// The end of what came after the head; cut when it has twice the length that is kept.
    private var later: [UInt8] = []
    /// How many bytes have come in all.
    public private(set) var count = 0

    public init(head: Int, tail: Int) {
        headLimit = head
        tailLimit = tail
    }

    /// - Returns: what of it belongs to the head, for those who show it while it comes.
    @discardableResult
    public mutating func append(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        count += bytes.count
        let first = bytes.prefix(max(0, headLimit - head.count))
        head += first
        let rest = bytes.dropFirst(first.count)
        later += rest.suffix(2 * tailLimit)
        if later.count > 2 * tailLimit { later.removeFirst(later.count - tailLimit) }
        return first
    }

    /// How many bytes between head and tail are left out.
    public var omitted: Int { count - head.count - rest.count }

    /// What came after the head: a line that tells how much is left out, then the tail; all, where nothing is.
    public var end: [UInt8] {
        let left = omitted
        return left == 0 ? later : Array("\n… \(left) bytes are left out here …\n".utf8) + rest
    }

    public var bytes: [UInt8] { head + end }

    private var rest: ArraySlice<UInt8> {
        count == head.count + later.count ? later[...] : later.suffix(tailLimit)
    }
}
