/// Text as Python's `str` has it: a row of Unicode scalars, compared one by one.
enum PythonString {
    typealias Scalars = [Unicode.Scalar]

    static func length(_ text: String) -> Int { text.unicodeScalars.count }

    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return scalar.value == 32 || (9...13).contains(scalar.value) || (28...31).contains(scalar.value)
        }
        return scalar.properties.isWhitespace
    }

    static func join(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    static func equal(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }
    static func less(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
    static func hasPrefix(_ text: String, _ prefix: String) -> Bool { text.utf8.starts(with: prefix.utf8) }
    static func hasSuffix(_ text: String, _ suffix: String) -> Bool {
        text.utf8.count >= suffix.utf8.count && text.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }

    /// Where `part` begins in `text` at or after `start`, in bytes.
    static func find(_ part: [UInt8], in text: [UInt8], from start: Int = 0) -> Int? {
        guard let first = part.first else { return start <= text.count ? start : nil }
        var i = start
        while i + part.count <= text.count {
            if text[i] == first, text[i..<(i + part.count)].elementsEqual(part) { return i }
            i += 1
        }
        return nil
    }

    static func contains(_ text: String, _ part: String) -> Bool { find(Array(part.utf8), in: Array(text.utf8)) != nil }

    enum Side { case left, right, both }

    /// `strip(characters)`; nil strips white space.
    static func stripped(_ text: String, _ characters: String? = nil, _ side: Side = .both) -> String {
        let set = characters.map { Set($0.unicodeScalars) }
        func goes(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? isSpace(scalar) }
        var view = text.unicodeScalars[...]
        if side != .right { while let first = view.first, goes(first) { view.removeFirst() } }
        if side != .left { while let last = view.last, goes(last) { view.removeLast() } }
        return String(String.UnicodeScalarView(view))
    }

    /// `replace(old, new, count)`; a negative count replaces all.
    static func replaced(_ text: String, _ old: String, _ new: String, count: Int = -1) -> String {
        if count == 0 { return text }
        if old.isEmpty {
            var out = ""
            var done = 0
            for scalar in text.unicodeScalars {
                if count < 0 || done < count {
                    out += new
                    done += 1
                }
                out.unicodeScalars.append(scalar)
            }
            return count < 0 || done < count ? out + new : out
        }
        let bytes = Array(text.utf8)
        let wanted = Array(old.utf8)
        var out: [UInt8] = []
        var position = 0
        var done = 0
        while count < 0 || done < count, let found = find(wanted, in: bytes, from: position) {
            out += bytes[position..<found]
            out += new.utf8
            position = found + wanted.count
            done += 1
        }
        return String(decoding: out + bytes[position...], as: UTF8.self)
    }

    /// `split(separator, most)`; a nil separator splits at runs of white space. The separator is not empty.
    static func split(_ text: String, _ separator: String?, most: Int = -1) -> [String] {
        guard let separator else { return splitAtSpaces(text, most: most) }
        let bytes = Array(text.utf8)
        let wanted = Array(separator.utf8)
        var out: [String] = []
        var position = 0
        while most < 0 || out.count < most, let found = find(wanted, in: bytes, from: position) {
            out.append(String(decoding: bytes[position..<found], as: UTF8.self))
            position = found + wanted.count
        }
        return out + [String(decoding: bytes[position...], as: UTF8.self)]
    }

    private static func splitAtSpaces(_ text: String, most: Int) -> [String] {
        var rest = text.unicodeScalars[...]
        var out: [String] = []
        while true {
            rest = rest.drop(while: isSpace)
            if rest.isEmpty { return out }
            if most >= 0, out.count >= most {
                return out + [stripped(String(String.UnicodeScalarView(rest)), nil, .right)]
            }
            let word = rest.prefix { !isSpace($0) }
            out.append(String(String.UnicodeScalarView(word)))
            rest = rest[word.endIndex...]
        }
    }

    /// `rsplit(separator, most)` for a separator that is not empty.
    static func splitFromRight(_ text: String, _ separator: String, most: Int) -> [String] {
        var parts = split(text, separator)
        guard most >= 0, parts.count > most + 1 else { return parts }
        let head = parts[..<(parts.count - most)].joined(separator: separator)
        parts.removeFirst(parts.count - most)
        return [head] + parts
    }

    /// `splitlines()`.
    static func lines(_ text: String) -> [String] {
        var out: [String] = []
        var line = String.UnicodeScalarView()
        var isOpen = false
        var afterReturn = false
        for scalar in text.unicodeScalars {
            let isSecondHalf = afterReturn && scalar == "\n"
            afterReturn = scalar == "\r"
            if isSecondHalf { continue }
            switch scalar.value {
            case 10...13, 28...30, 0x85, 0x2028, 0x2029:
                out.append(String(line))
                line = String.UnicodeScalarView()
                isOpen = false
            default:
                line.append(scalar)
                isOpen = true
            }
        }
        return isOpen ? out + [String(line)] : out
    }

    /// `capitalize()`.
    static func capitalized(_ text: String) -> String {
        guard let first = text.unicodeScalars.first else { return text }
        let rest = String(String.UnicodeScalarView(text.unicodeScalars.dropFirst()))
        return first.properties.titlecaseMapping + rest.lowercased()
    }

    /// `str.title()`: a capital wherever a letter follows none.
    static func titled(_ text: String) -> String {
        var out = ""
        var afterLetter = false
        for scalar in text.unicodeScalars {
            out += afterLetter ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
            afterLetter = scalar.properties.isCased
        }
        return out
    }
}
