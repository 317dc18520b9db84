/// Splits a line into words as Python's `shlex.split(line, comments=True)` does: quotes, backslashes, and `#` that ends
/// the line anywhere outside quotes.
enum INIWords {
    struct Word: Equatable {
        var text: String
        /// In characters, from 1.
        var column: Int
        /// The column just behind it.
        var end: Int
    }

    struct Unclosed: Error {
        var column: Int
    }

    static func split(_ line: String) throws(Unclosed) -> [Word] {
        let all = Array(line.unicodeScalars)
        var words: [Word] = []
        var word = String.UnicodeScalarView()
        var start: Int?
        var at = 0
        func isBlank(_ scalar: Unicode.Scalar) -> Bool {
            scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\n"
        }
        func close() {
            if let begun = start { words.append(Word(text: String(word), column: begun + 1, end: at + 1)) }
            word = String.UnicodeScalarView()
            start = nil
        }
        scan: while at < all.count {
            let scalar = all[at]
            switch scalar {
            case "#":
                break scan
            case "'", "\"":
                start = start ?? at
                guard let closing = try closingQuote(all, at, &word) else { throw Unclosed(column: at + 1) }
                at = closing
            case "\\":
                guard at + 1 < all.count else { throw Unclosed(column: at + 1) }
                start = start ?? at
                at += 1
                word.append(all[at])
            case _ where isBlank(scalar):
                close()
            default:
                start = start ?? at
                word.append(scalar)
            }
            at += 1
        }
        close()
        return words
    }

    private static func closingQuote(
        _ all: [Unicode.Scalar], _ opening: Int, _ word: inout String.UnicodeScalarView
    ) throws(Unclosed) -> Int? {
        let quote = all[opening]
        var at = opening + 1
        while at < all.count {
            if all[at] == quote { return at }
            if quote == "\"", all[at] == "\\", at + 1 < all.count, all[at + 1] == "\"" || all[at + 1] == "\\" {
                at += 1
            }
            word.append(all[at])
            at += 1
        }
        return nil
    }
}
