import Model
import OrderedCollections

/// Values as text in the manner of a file: of what stands beside them (their models), or of the file as a whole.
struct StyledWriter {
    /// A value behind its key: what goes on in the key's line, and the lines below that one.
    struct Written {
        var head = ""
        var below: [String] = []
    }

    let places: NodePlaces
    let isJSON: Bool
    private let writesTextBlocks: Bool
    private let step: Int
    private let dashOffset: Int
    private let flowDefault: FlowStyle

    init(_ places: NodePlaces, root: YAMLNode?, isJSON: Bool, writesTextBlocks: Bool) {
        self.places = places
        self.isJSON = isJSON
        self.writesTextBlocks = writesTextBlocks
        let found = root.map { FileStyle.found(in: $0, places) } ?? FileStyle()
        step = found.step ?? 2
        dashOffset = found.dashOffset ?? 2
        flowDefault = isJSON ? root.map { FlowStyle(of: $0, places) } ?? FlowStyle() : FlowStyle()
    }

    /// - Parameters:
    ///   - column: of the key or dash that the value stands behind; -1 for the whole document.
    ///   - indentation: of the line that it begins in.
    ///   - flow: whether it stands within `{}` or `[]`; nil where it is to be a block, whatever its models are.
    func write(
        _ value: Value, column: Int, indentation: String, flow: Bool?, like models: [YAMLNode],
        quote: Unicode.Scalar? = nil
    ) -> Written {
        let models = models.filter { $0.alias == nil }
        switch value.content {
        case .map(let map) where !map.isEmpty:
            guard !isFlow(value, flow, models) else { break }
            let own = models.last { $0.entries?.isEmpty == false && !$0.isFlow }
            return Written(below: block(map, column: own.map { column + max(1, depth($0)) } ?? next(column), models))
        case .list(let items) where !items.isEmpty:
            guard !isFlow(value, flow, models) else { break }
            let own = models.last { $0.items?.isEmpty == false && !$0.isFlow }
            let offset = column < 0 ? 1 : own.map(depth) ?? dashOffset
            return Written(below: block(items, column: column + max(0, offset), models))
        case .string(let text) where flow != true && writesTextBlocks:
            guard let block = ScalarText.block(text, indent: next(column)) else { break }
            let lines = block.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            return Written(head: lines[0], below: Array(lines.dropFirst()))
        default: break
        }
        let lines = self.flow(value, indentation: indentation, like: models, inFlow: flow == true, quote: quote)
        return Written(head: lines.joined(separator: places.text.lineBreak))
    }

    private func next(_ column: Int) -> Int { column < 0 ? 0 : column + step }

    /// How much deeper than its key a block collection stands.
    private func depth(_ model: YAMLNode) -> Int {
        guard let parent = FileStyle.parentColumn(of: model, places) else { return step }
        return places.column(model) - parent
    }

    private func isFlow(_ value: Value, _ flow: Bool?, _ models: [YAMLNode]) -> Bool {
        guard let flow else { return isJSON }
        if flow || isJSON { return true }
        let alike = models.last { value.map == nil ? $0.items?.isEmpty == false : $0.entries?.isEmpty == false }
        return alike?.isFlow ?? false
    }

    private func block(_ map: OrderedDictionary<String, Value>, column: Int, _ models: [YAMLNode]) -> [String] {
        map.flatMap { entry(key: $0, $1, column: column, like: Self.children(of: models, named: $0)) }
    }

    /// The lines of one entry of a block mapping whose keys stand at a column.
    func entry(key: String, _ value: Value, column: Int, like models: [YAMLNode]) -> [String] {
        let indentation = String(repeating: " ", count: column)
        let written = write(value, column: column, indentation: indentation, flow: false, like: models)
        let isEmpty = value.isNull && models.contains { places.isEmpty($0) }
        let head = written.head.isEmpty || isEmpty ? "" : " " + written.head
        return [indentation + ScalarText.written(key, flow: false) + ":" + head] + written.below
    }

    private func block(_ items: [Value], column: Int, _ models: [YAMLNode]) -> [String] {
        items.flatMap { item($0, column: column, like: models.flatMap { $0.items ?? [] }) }
    }

    /// The lines of one item of a block sequence; a mapping begins in its dash's line.
    func item(_ value: Value, column: Int, like models: [YAMLNode]) -> [String] {
        let indentation = String(repeating: " ", count: column)
        let models = models.filter { $0.alias == nil }
        var below: [String]
        switch value.content {
        case .map(let map) where !map.isEmpty && !isFlow(value, false, models):
            below = block(map, column: column + 2, models)
        case .list(let items) where !items.isEmpty && !isFlow(value, false, models):
            below = block(items, column: column + 2, models)
        default:
            let written = write(value, column: column, indentation: indentation + "  ", flow: false, like: models)
            return [indentation + "- " + written.head] + written.below
        }
        below[0] = indentation + "- " + below[0].dropFirst(column + 2)
        return below
    }

    /// A value in `{}`, `[]` or one line; further lines are indented as they have to be.
    func flow(
        _ value: Value, indentation: String, like models: [YAMLNode], inFlow: Bool = true, oneLine: Bool = false,
        quote: Unicode.Scalar? = nil
    ) -> [String] {
        let elements: [(key: String?, value: Value)]
        switch value.content {
        case .map(let map) where !map.isEmpty: elements = map.map { ($0, $1) }
        case .list(let items) where !items.isEmpty: elements = items.map { (nil, $0) }
        default: return [scalar(value, inFlow: inFlow, quote: quote)]
        }
        let model = models.last { $0.isFlow && ($0.entries?.isEmpty == false || $0.items?.isEmpty == false) }
        var style = model.map { FlowStyle(of: $0, places) } ?? flowDefault
        if oneLine { style.unit = nil }
        let pieces = elements.map { key, value in
            let below = key.map { Self.children(of: models, named: $0) } ?? models.flatMap { $0.items ?? [] }
            return element(key: key, value, style, indentation: indentation + (style.unit ?? ""), like: below)
        }
        let (opening, closing) = value.map == nil ? ("[", "]") : ("{", "}")
        guard let unit = style.unit else {
            let all = pieces.map { $0.joined() }.joined(separator: style.comma)
            return [opening + style.padding + all + style.padding + closing]
        }
        var lines = [opening]
        for (index, piece) in pieces.enumerated() {
            lines.append(indentation + unit + piece[0])
            lines += piece.dropFirst()
            if index < pieces.count - 1 { lines[lines.count - 1] += "," }
        }
        return lines + [indentation + closing]
    }

    /// One entry or item within braces, without its comma.
    func element(
        key: String?, _ value: Value, _ style: FlowStyle, indentation: String, like models: [YAMLNode]
    ) -> [String] {
        var lines = flow(
            value, indentation: indentation, like: models.filter { $0.alias == nil }, oneLine: style.unit == nil)
        if let key {
            let name = isJSON ? ScalarText.quoted(key, json: true) : ScalarText.written(key, flow: true)
            lines[0] = name + style.colon(after: name) + lines[0]
        }
        return lines
    }

    /// - Parameter quote: what the text before it was quoted with.
    private func scalar(_ value: Value, inFlow: Bool, quote: Unicode.Scalar?) -> String {
        switch value.content {
        case .null: return "null"
        case .bool(let bool): return bool ? "true" : "false"
        case .int(let int): return String(int)
        case .double(let double): return ScalarText.number(double)
        case .string(let text):
            if isJSON { return ScalarText.quoted(text, json: true) }
            if quote == "'", let single = ScalarText.singleQuoted(text) { return single }
            return quote == nil ? ScalarText.written(text, flow: inFlow) : ScalarText.quoted(text)
        case .list: return "[]"
        case .map: return "{}"
        case .unknown: return ScalarText.quoted(value.description)
        }
    }

    /// What the models have under a key, and before that, as weaker examples, what they have under others.
    static func children(of models: [YAMLNode], named key: String) -> [YAMLNode] {
        let entries = models.flatMap { $0.entries ?? [] }
        return entries.map(\.value) + entries.filter { (try? $0.key.keyText()) == key }.map(\.value)
    }
}
