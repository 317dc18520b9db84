/// Percent-encoding (RFC 3986), as Python's `urllib.parse` does it.
enum PercentEncoding {
    /// - Parameter isQuery: encodes `/` too and writes a space as `+`.
    static func encoded(_ text: String, isQuery: Bool) -> String {
        var out: [UInt8] = []
        for byte in text.utf8 {
            if byte < 0x80, Lexer.isNamePart(byte) || byte == 45 || byte == 46 || byte == 126 || byte == 47 && !isQuery
            {
                out.append(byte)
            } else if byte == 32, isQuery {
                out.append(UInt8(ascii: "+"))
            } else {
                out += ("%" + PythonText.hexadecimal(UInt32(byte), digits: 2, uppercase: true)).utf8
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// `unquote_plus`: bytes that are no UTF-8 become U+FFFD.
    static func decoded(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        var i = 0
        while i < bytes.count {
            if bytes[i] == UInt8(ascii: "%"), i + 2 < bytes.count, bytes[i + 1] != 43, bytes[i + 1] != 45,
                let byte = UInt8(String(decoding: bytes[(i + 1)...(i + 2)], as: UTF8.self), radix: 16)
            {
                out.append(byte)
                i += 3
            } else {
                out.append(bytes[i] == UInt8(ascii: "+") ? 32 : bytes[i])
                i += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
