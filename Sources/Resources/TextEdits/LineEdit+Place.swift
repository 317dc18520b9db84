import Model

extension LineEdit {
    /// Where new lines go in a file.
    enum Place: Sendable, Hashable {
        case start, end
        /// After, or before, the last line that matches.
        case after(String)
        case before(String)
    }

    /// Refuses a field that is no regular expression.
    static func checkPattern(
        _ field: String, of arguments: Arguments, kind: String, into errors: inout [InputError]
    ) {
        guard let text = arguments.string(field) else { return }
        do throws(InputError) {
            _ = try pattern(text)
        } catch {
            // Which names the expression.
            let why = arguments.isSensitive(field) ? "(sensitive) is not a regular expression" : error.message
            errors.append(arguments.error("\(kind).\(field): \(why)", at: field))
        }
    }
}

extension LineEdit.Place {
    static func afterField(_ what: String) -> Field {
        Field(
            "after", .string,
            "Where \(what) goes: after the last line that matches this regular expression, or EOF (as it is "
                + "without one, and where none matches).")
    }
    static let beforeField = Field(
        "before", .string, "As after: before the last line that matches, or BOF for the start of the file.")

    /// What `after` and `before` say.
    init(_ arguments: Arguments, kind: String, into errors: inout [InputError]) {
        for field in ["after", "before"] { LineEdit.checkPattern(field, of: arguments, kind: kind, into: &errors) }
        if arguments.has("after"), arguments.has("before") {
            errors.append(arguments.error("\(kind): 'after' and 'before' do not go together", at: "before"))
        }
        self = .end
        if let after = arguments.string("after"), after != "EOF" { self = .after(after) }
        if let before = arguments.string("before") { self = before == "BOF" ? .start : .before(before) }
    }

    /// Where new lines go among these.
    func index(in lines: [TextLine]) throws(InputError) -> Int {
        switch self {
        case .start: return 0
        case .end: return lines.count
        case .after(let text):
            let regex = try LineEdit.pattern(text)
            return lines.lastIndex { $0.matches(regex) }.map { $0 + 1 } ?? lines.count
        case .before(let text):
            let regex = try LineEdit.pattern(text)
            return lines.lastIndex { $0.matches(regex) } ?? lines.count
        }
    }
}
