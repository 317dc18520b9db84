import Model
import OrderedCollections

/// Values as JSON, as Python's `json.dumps` writes them.
enum JSONText {
    struct Style {
        var indent: Int?
        var sortsKeys = false
        var escapesNonASCII = true
        var itemSeparator = ", "
        var keySeparator = ": "

        func text(_ value: Value) -> String {
            var out = ""
            write(value, to: &out, depth: 0)
            return out
        }

        private func write(_ value: Value, to out: inout String, depth: Int) {
            switch value.content {
            case .null, .unknown: out += "null"
            case .bool(let flag): out += flag ? "true" : "false"
            case .int(let number): out += String(number)
            case .double(let number):
                out +=
                    number.isNaN
                    ? "NaN"
                    : number.isInfinite
                        ? (number < 0 ? "-Infinity" : "Infinity")
                        : PythonNumber.text(number)
            case .string(let text): quote(text, to: &out)
            case .list(let items):
                writeAll(items, "[", "]", to: &out, depth) { item, out in write(item, to: &out, depth: depth + 1) }
            case .map(let entries):
                let pairs = entries.map { ($0.key, $0.value) }
                let sorted = sortsKeys ? pairs.sorted { PythonString.less($0.0, $1.0) } : pairs
                writeAll(sorted, "{", "}", to: &out, depth) { entry, out in
                    quote(entry.0, to: &out)
                    out += keySeparator
                    write(entry.1, to: &out, depth: depth + 1)
                }
            }
        }

        private func writeAll<T>(
            _ items: [T], _ open: String, _ close: String, to out: inout String, _ depth: Int,
            _ write: (T, inout String) -> Void
        ) {
            out += open
            for (i, item) in items.enumerated() {
                if i > 0 { out += itemSeparator }
                breakLine(&out, depth + 1)
                write(item, &out)
            }
            if !items.isEmpty { breakLine(&out, depth) }
            out += close
        }

        private func breakLine(_ out: inout String, _ depth: Int) {
            if let indent { out += "\n" + String(repeating: " ", count: max(0, indent) * depth) }
        }

        private func quote(_ text: String, to out: inout String) {
            out += "\""
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\"": out += "\\\""
                case "\\": out += "\\\\"
                case "\n": out += "\\n"
                case "\r": out += "\\r"
                case "\t": out += "\\t"
                case "\u{8}": out += "\\b"
                case "\u{c}": out += "\\f"
                case _ where scalar.value < 32 || escapesNonASCII && scalar.value > 126:
                    for unit in String(scalar).utf16 { out += "\\u" + PythonText.hexadecimal(UInt32(unit), digits: 4) }
                default: out.unicodeScalars.append(scalar)
                }
            }
            out += "\""
        }
    }
}
