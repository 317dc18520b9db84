import Model
import OrderedCollections

/// Filters between values and the texts that other programs read.
extension Filters {
    static let encodings: [String: Filter] = [
        "to_json": Filter(keywords: ["indent", "sort_keys", "ensure_ascii", "separators"], value: toJSON),
        "tojson": Filter(["indent"], value: toHTMLSafeJSON),
        "to_nice_json": Filter(["indent", "sort_keys"], keywords: ["ensure_ascii"], value: toNiceJSON),
        "to_yaml": Filter(keywords: ["indent", "sort_keys", "width", "default_flow_style"], value: toYAML),
        "to_nice_yaml": Filter(
            ["indent"], keywords: ["sort_keys", "width", "default_flow_style"], value: toNiceYAML),
        "from_json": Filter(value: fromJSON),
        "b64encode": Filter(keywords: ["urlsafe", "encoding"], value: encodeBase64),
        "b64decode": Filter(keywords: ["urlsafe", "encoding"], value: decodeBase64),
        "urlencode": Filter(value: urlEncode),
        "urldecode": Filter(value: urlDecode),
    ]

    private static func toJSON(_ call: Call) throws(InputErrors) -> Value {
        var style = JSONText.Style()
        if let indent = call.named["indent"], !indent.isNull { style.indent = try call.width("indent", 0) }
        style.sortsKeys = call.flag("sort_keys")
        style.escapesNonASCII = call.named["ensure_ascii"].map(PythonOrder.isTrue) ?? true
        if style.indent != nil { style.itemSeparator = "," }
        if let separators = call.named["separators"]?.list?.compactMap(\.string), separators.count == 2 {
            style.itemSeparator = separators[0]
            style.keySeparator = separators[1]
        }
        return .string(style.text(call.input))
    }

    private static func toNiceJSON(_ call: Call) throws(InputErrors) -> Value {
        var style = JSONText.Style()
        style.indent = try call.width("indent", 4)
        style.sortsKeys = call.named["sort_keys"].map(PythonOrder.isTrue) ?? true
        style.escapesNonASCII = call.named["ensure_ascii"].map(PythonOrder.isTrue) ?? true
        style.itemSeparator = ","
        return .string(style.text(call.input))
    }

    /// Jinja2's own: safe within HTML, with its keys sorted.
    private static func toHTMLSafeJSON(_ call: Call) throws(InputErrors) -> Value {
        var style = JSONText.Style()
        if let indent = call.named["indent"], !indent.isNull {
            style.indent = try call.width("indent", 0)
            style.itemSeparator = ","
        }
        style.sortsKeys = true
        let escapes = [("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("'", "\\u0027")]
        return .string(escapes.reduce(style.text(call.input)) { PythonString.replaced($0, $1.0, $1.1) })
    }

    private static func fromJSON(_ call: Call) throws(InputErrors) -> Value {
        var reader = JSONReader(try call.strictText())
        do throws(JSONReader.Mistake) {
            return try reader.whole()
        } catch {
            throw call.error("\(error.message) at byte \(error.offset) of the JSON")
        }
    }

    private static func toYAML(_ call: Call) throws(InputErrors) -> Value {
        .string(try yaml(call, indent: 2, flow: nil))
    }

    private static func toNiceYAML(_ call: Call) throws(InputErrors) -> Value {
        .string(try yaml(call, indent: 4, flow: false))
    }

    private static func yaml(_ call: Call, indent: Int, flow: Bool?) throws(InputErrors) -> String {
        let wanted = try call.int("indent", indent)
        let width = try call.int("width", 80)
        var writer = YAMLWriter()
        writer.indent = (2..<10).contains(wanted) ? wanted : 2
        writer.width = width > writer.indent * 2 ? width : 80
        writer.sortsKeys = call.named["sort_keys"].map(PythonOrder.isTrue) ?? true
        writer.flow = flow
        if let given = call.named["default_flow_style"] { writer.flow = given.isNull ? nil : PythonOrder.isTrue(given) }
        return writer.document(call.input)
    }

    private static func encodeBase64(_ call: Call) throws(InputErrors) -> Value {
        .string(Base64.encoded(Array(call.text.utf8), urlSafe: call.flag("urlsafe")))
    }

    private static func decodeBase64(_ call: Call) throws(InputErrors) -> Value {
        guard let bytes = Base64.decoded(call.text, urlSafe: call.flag("urlsafe")) else {
            throw call.error("this is not Base64")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw call.error("what it holds is not UTF-8")
        }
        return .string(text)
    }

    private static func urlEncode(_ call: Call) throws(InputErrors) -> Value {
        var pairs: [(Value, Value)] = []
        switch call.input.content {
        case .map(let entries): pairs = entries.map { (.string($0.key), $0.value) }
        case .list(let items):
            for item in items {
                guard let pair = item.list, pair.count == 2 else { throw call.error("a list of pairs is needed") }
                pairs.append((pair[0], pair[1]))
            }
        default: return .string(PercentEncoding.encoded(call.text, isQuery: false))
        }
        return .string(
            pairs.map { key, value in
                PercentEncoding.encoded(PythonText.text(key), isQuery: true) + "="
                    + PercentEncoding.encoded(PythonText.text(value), isQuery: true)
            }.joined(separator: "&"))
    }

    private static func urlDecode(_ call: Call) throws(InputErrors) -> Value {
        .string(PercentEncoding.decoded(try call.strictText()))
    }
}
