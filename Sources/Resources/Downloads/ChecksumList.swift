import Model

/// The text of a release's file of checksums: which SHA-256 a file's name has there.
struct ChecksumList: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
        var name: String
        var sha256: String
    }

    enum Answer: Sendable, Hashable {
        case sha256(String)
        /// There is no line for the name; the nearest that has one.
        case missing(nearest: String?)
        /// Several lines, and they differ.
        case ambiguous
    }

    private(set) var entries: [Entry] = []
    /// A file that holds nothing but one hash: whichever name is asked for.
    private var lone: String?

    /// Takes `HASH  NAME`, `HASH *NAME`, `SHA256 (NAME) = HASH` and one hash alone; passes over all else, such as
    /// comments, a signature's lines and hashes of other kinds.
    init(_ text: String) {
        var bare: [String] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmed
            if let entry = Self.tagged(line) ?? Self.plain(line) {
                entries.append(entry)
            } else if let hash = Self.hash(line) {
                bare.append(hash)
            }
        }
        if entries.isEmpty, bare.count == 1 { lone = bare[0] }
    }

    var isEmpty: Bool { entries.isEmpty && lone == nil }

    /// The line of that very name, or else the one whose path ends with it: `./NAME`, `dist/NAME`.
    func sha256(of name: String) -> Answer {
        if let lone { return .sha256(lone) }
        var found = Set(entries.filter { $0.name == name }.map(\.sha256))
        if found.isEmpty { found = Set(entries.filter { Self.lastPart($0.name) == name }.map(\.sha256)) }
        switch found.count {
        case 0: return .missing(nearest: nearest(to: name))
        case 1: return .sha256(found.first ?? "")
        default: return .ambiguous
        }
    }

    private func nearest(to name: String) -> String? { nearestName(to: name, among: entries.map(\.name)) }

    /// GNU's form. A `*` before the name says that the file was read as binary; it is no part of it.
    private static func plain(_ line: Substring) -> Entry? {
        guard let space = line.firstIndex(where: { $0 == " " || $0 == "\t" }), let hash = hash(line[..<space]) else {
            return nil
        }
        var name = line[space...].trimmed
        if name.first == "*" { name = name.dropFirst() }
        return name.isEmpty ? nil : Entry(name: String(name), sha256: hash)
    }

    /// BSD's form, and OpenSSL's: `SHA256(NAME)= HASH`, `SHA2-256(NAME)= HASH`.
    private static func tagged(_ line: Substring) -> Entry? {
        guard let opening = line.firstIndex(of: "("), let closing = line.lastIndex(of: ")"), opening < closing,
            ["SHA256", "SHA2-256"].contains(line[..<opening].trimmed.uppercased())
        else { return nil }
        let rest = line[line.index(after: closing)...].trimmed
        guard rest.first == "=", let hash = hash(rest.dropFirst().trimmed) else { return nil }
        return Entry(name: String(line[line.index(after: opening)..<closing]), sha256: hash)
    }

    /// In lower case; nil where it is no SHA-256.
    static func hash(_ text: some StringProtocol) -> String? {
        text.utf8.count == 64 && text.utf8.allSatisfy(isHexadecimal) ? text.lowercased() : nil
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    private static func lastPart(_ path: String) -> Substring {
        path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    }
}

extension Substring {
    /// Without the blanks at both ends.
    fileprivate var trimmed: Substring {
        let start = drop { $0 == " " || $0 == "\t" || $0 == "\r" }
        return start.reversed().firstIndex { $0 != " " && $0 != "\t" && $0 != "\r" }.map { start[..<$0.base] } ?? ""
    }
}
