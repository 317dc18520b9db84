#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Text in PEM that holds what it is said to hold: nothing is decrypted, no passphrase is asked for on its word.
struct PEMText: Sendable, Hashable {
    /// The text as it came.
    let bytes: [UInt8]
    /// What stands between the first two marks, decoded.
    let first: [UInt8]

    static let certificate: Set<String> = ["CERTIFICATE"]
    static let key: Set<String> = ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", "EC PARAMETERS"]

    /// nil where it holds no block, one of another label, or one whose content is no DER.
    init?(_ bytes: [UInt8], labels: Set<String>) {
        let isPrintable = bytes.allSatisfy { (0x20..<0x7F).contains($0) || [0x09, 0x0A, 0x0D].contains($0) }
        guard isPrintable else { return nil }
        var blocks: [[UInt8]] = []
        var open: (label: String, text: String)?
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        for line in lines.map({ $0.filter { !$0.isWhitespace || $0 == " " } }) {
            if let label = Self.label(of: line, "BEGIN") {
                guard open == nil, labels.contains(label) else { return nil }
                open = (label, "")
            } else if let label = Self.label(of: line, "END") {
                guard let block = open, block.label == label, let data = Data(base64Encoded: block.text),
                    label == "EC PARAMETERS" || Self.isSequence([UInt8](data))
                else { return nil }
                blocks.append([UInt8](data))
                open = nil
            } else {
                open?.text += line.filter { $0 != " " }
            }
        }
        guard open == nil, let first = blocks.first else { return nil }
        self.bytes = bytes
        self.first = first
    }

    private static func label(of line: String, _ mark: String) -> String? {
        guard line.hasPrefix("-----\(mark) "), line.hasSuffix("-----"), line.count > mark.count + 11 else { return nil }
        return String(line.dropFirst(mark.count + 6).dropLast(5))
    }

    /// Whether it is one DER sequence, whole.
    private static func isSequence(_ der: [UInt8]) -> Bool {
        guard der.count > 2, der[0] == 0x30 else { return false }
        if der[1] < 0x80 { return der.count == 2 + Int(der[1]) }
        let count = Int(der[1] & 0x7F)
        guard (1...4).contains(count), der.count > 2 + count else { return false }
        return der.count == 2 + count + der[2..<2 + count].reduce(0) { $0 << 8 | Int($1) }
    }
}
