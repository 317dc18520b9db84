import Model

/// What is at a path of a node.
public struct NodeEntry: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case file, directory, link
        /// A device, a socket or a pipe.
        case special
    }

    public var kind: Kind
    /// Permission bits, as 0o644.
    public var mode: UInt16
    public var uid: Int
    public var gid: Int
    /// `UNKNOWN` where the number has no name.
    public var owner: String
    public var group: String
    /// In bytes.
    public var size: Int

    public init(kind: Kind, mode: UInt16, uid: Int, gid: Int, owner: String, group: String, size: Int) {
        self.kind = kind
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.owner = owner
        self.group = group
        self.size = size
    }
}

/// What `stat` printed of some paths of a node.
enum NodeEntries {
    /// Each line is closed by `//`, which no path in its one form holds, for a name may hold a newline.
    static func records(
        _ section: ArraySlice<UInt8>, of output: ProbeOutput
    ) throws(Failure) -> [[UInt8]: NodeEntry] {
        let slash = UInt8(ascii: "/")
        var entries: [[UInt8]: NodeEntry] = [:]
        var rest = section
        while !rest.isEmpty {
            let fields = rest.split(separator: slash, maxSplits: 6, omittingEmptySubsequences: false)
            guard fields.count == 7 else { throw output.unreadable("a short line of stat") }
            let texts = fields[..<6].map { String(decoding: $0, as: UTF8.self) }
            guard let bits = UInt32(texts[0], radix: 16), let uid = Int(texts[1]), let gid = Int(texts[2]),
                let size = Int(texts[3]), let end = end(of: fields[6])
            else { throw output.unreadable("a line of stat begins '\(texts.joined(separator: "/"))'") }
            let kind: NodeEntry.Kind =
                switch bits & 0o170000 {
                case 0o100000: .file
                case 0o040000: .directory
                case 0o120000: .link
                default: .special
                }
            entries[Array(fields[6][..<end])] = NodeEntry(
                kind: kind, mode: UInt16(bits & 0o7777), uid: uid, gid: gid, owner: texts[4], group: texts[5],
                size: size)
            rest = rest[(end + 3)...]
        }
        return entries
    }

    /// Where the `//` and newline that close a record begin.
    private static func end(of field: ArraySlice<UInt8>) -> Int? {
        var from = field.startIndex
        while let slash = field[from...].firstIndex(of: UInt8(ascii: "/")) {
            if field[slash...].starts(with: "//\n".utf8) { return slash }
            from = slash + 1
        }
        return nil
    }
}
