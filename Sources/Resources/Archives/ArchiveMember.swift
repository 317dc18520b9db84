import Model

/// A member of an archive, as a line of `listing` has it.
struct ArchiveMember: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case file, directory
        case link(String)
        /// Another name of a file before it.
        case hardLink
    }

    var kind: Kind
    /// Permission bits, as 0o755.
    var mode: UInt16
    var size: Int
    var name: String

    /// - Throws: `Failure` where it is no line of `listing`.
    init(_ line: Substring) throws(Failure) {
        let cells = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard cells.count == 3, cells[0].count >= 10, let size = Int(cells[1]) else {
            throw Failure(deed: "look at archives", cause: "a line of the archive's list reads '\(line)'")
        }
        let type = cells[0].first
        var name = String(cells[2])
        switch type {
        case "d": kind = .directory
        case "l":
            let parts = Self.cut(name, at: " -> ")
            name = parts.0
            kind = .link(parts.1)
        case "h":
            name = Self.cut(name, at: " link to ").0
            kind = .hardLink
        default: kind = .file
        }
        self.name = name
        self.size = size
        mode = Self.mode(cells[0].dropFirst())
    }

    /// Where it goes below the directory; nil for what is stripped away whole, and for the directory itself.
    func path(strippingComponents count: Int) -> String? {
        var rest = name.utf8.drop { $0 == UInt8(ascii: "/") }
        for _ in 0..<count {
            guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return nil }
            rest = rest[slash...].drop { $0 == UInt8(ascii: "/") }
        }
        return Self.plain(rest)
    }

    /// Without `.` and doubled slashes; nil where nothing is left.
    static func plain(_ path: some BidirectionalCollection<UInt8>) -> String? {
        let parts = path.split(separator: UInt8(ascii: "/")).map { String(decoding: Array($0), as: UTF8.self) }
            .filter { $0 != "." }
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    private static func cut(_ text: String, at separator: String) -> (String, String) {
        guard let range = text.ranges(of: separator).first else { return (text, "") }
        return (String(text[..<range.lowerBound]), String(text[range.upperBound...]))
    }

    /// `rwsr-xr-x` as 0o4755.
    private static func mode(_ letters: Substring) -> UInt16 {
        var mode: UInt16 = 0
        for (place, letter) in letters.prefix(9).enumerated() {
            let bit: UInt16 = 1 << UInt16(8 - place)
            let special: UInt16 = 0o4000 >> UInt16(place / 3)
            switch letter {
            case "-": continue
            case "s", "t": mode |= bit | special
            case "S", "T": mode |= special
            default: mode |= bit
            }
        }
        return mode
    }
}
