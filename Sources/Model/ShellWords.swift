/// Text split into words as a shell splits it: quotes and backslashes, nothing more. No comments, no variables.
public enum ShellWords {
    /// nil where a quote is not closed.
    public static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = Substring(text)
        while let character = rest.popFirst() {
            if let open = quote {
                if character == open {
                    quote = nil
                } else if character == "\\", open == "\"", let next = rest.first, "\"\\$`".contains(next) {
                    word?.append(rest.removeFirst())
                } else {
                    word?.append(character)
                }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == "\\" {
                guard let next = rest.popFirst() else { return nil }
                // A line that goes on.
                if next != "\n" { word = (word ?? "") + String(next) }
            } else if character.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if quote != nil { return nil }
        if let word { words.append(word) }
        return words
    }
}
