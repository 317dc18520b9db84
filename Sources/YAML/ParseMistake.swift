import CLibYAML
import Model

/// What libyaml says when it cannot go on, in the words of someone who has to mend the file.
struct ParseMistake {
    private let kind: yaml_error_type_t
    private let problem: String
    private let context: String
    private let place: YAMLNode.Mark
    private let byte: Int

    init(_ parser: yaml_parser_t) {
        kind = parser.error
        problem = parser.problem.map { String(cString: $0) } ?? "the file cannot be read"
        context = parser.context.map { String(cString: $0) } ?? ""
        place = YAMLNode.Mark(parser.problem_mark)
        byte = Int(clamping: parser.problem_offset)
    }

    func error(_ source: YAMLSource) -> InputError {
        if kind == YAML_READER_ERROR {
            return source.error(problem, at: source.mark(ofByte: byte), hint: "is this a text file in UTF-8?")
        }
        if kind == YAML_MEMORY_ERROR { return InputError("out of memory", at: source.origin(place)) }
        let line = Array((source.line(Int(place.line)) ?? "").unicodeScalars)
        let column = Int(place.column) - 1
        let found = column < line.count ? line[column] : nil
        if found == "\t" || line.prefix(max(0, column)).allSatisfy({ $0 == " " || $0 == "\t" }) && line.contains("\t") {
            return source.error(
                "a tab where YAML needs spaces", at: place, hint: "indent with spaces; YAML allows no tabs there")
        }
        return source.error(message, at: place, hint: hint(found, String(String.UnicodeScalarView(line))))
    }

    private var message: String {
        switch problem {
        case "mapping values are not allowed in this context": "a ': ' where no key can stand"
        case "could not find expected ':'": "a key without its ':'"
        case "found character that cannot start any token": "a character that no plain value may begin with"
        case "did not find expected key": "not a key: the indentation or a quote before it is wrong"
        case "did not find expected '-' indicator": "not a list item: its indentation is wrong"
        case "found unexpected end of stream" where context.contains("quoted"): "a quote that is never closed"
        default: context.isEmpty ? problem : "\(problem), \(context)"
        }
    }

    private func hint(_ found: Unicode.Scalar?, _ line: String) -> String? {
        if line.contains("{{") || line.contains("{%") { return "put a value that begins with a template in quotes" }
        switch problem {
        case "mapping values are not allowed in this context":
            return "put a value that holds ': ' in quotes, and indent keys of one mapping alike"
        case "found character that cannot start any token":
            return found.map { "put a value that begins with '\($0)' in quotes" }
        default: return nil
        }
    }
}
