import CLibYAML
import Model

/// Builds nodes from libyaml's events, without recursion: a deep file must not reach the end of the stack.
struct EventParser {
    /// A collection that is still open; a mapping collects its keys and values by turns.
    private struct Open {
        var children: [YAMLNode] = []
        var isMapping: Bool
        var isFlow: Bool
        var tag: String?
        var anchor: String?
        var start: YAMLNode.Mark
        var measure = Measure()
    }

    /// How large a node is with its aliases followed, and how deep.
    private struct Measure {
        var nodes = 1
        var depth = 1

        mutating func add(_ child: Measure) {
            nodes += child.nodes
            depth = max(depth, child.depth + 1)
        }
    }

    private let source: YAMLSource
    private var open: [Open] = []
    private var documents: [YAMLNode] = []
    private var anchors: [String: (node: YAMLNode, measure: Measure)] = [:]
    private var aliased = 0

    private init(_ source: YAMLSource) { self.source = source }

    static func documents(of source: YAMLSource) throws(InputErrors) -> [YAMLNode] {
        var parser = EventParser(source)
        let error: InputError? = source.bytes.withUnsafeBufferPointer { bytes in
            do throws(InputErrors) {
                try parser.run(bytes)
                return nil
            } catch {
                return error.errors.first
            }
        }
        if let error { throw InputErrors(error) }
        return parser.documents
    }

    private mutating func run(_ bytes: UnsafeBufferPointer<UInt8>) throws(InputErrors) {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else { throw InputErrors(InputError("libyaml: out of memory")) }
        defer { yaml_parser_delete(&parser) }
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(&parser, &event) == 1 else { throw InputErrors(ParseMistake(parser).error(source)) }
            defer { yaml_event_delete(&event) }
            if event.type == YAML_STREAM_END_EVENT { return }
            try take(event)
        }
    }

    private mutating func take(_ event: yaml_event_t) throws(InputErrors) {
        let start = YAMLNode.Mark(event.start_mark)
        switch event.type {
        case YAML_DOCUMENT_START_EVENT:
            anchors = [:]
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let style: YAMLNode.Style =
                switch scalar.style {
                case YAML_PLAIN_SCALAR_STYLE: .plain
                case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
                default: .quoted
                }
            let node = YAMLNode(
                kind: .scalar(text, style), tag: string(scalar.tag), anchor: string(scalar.anchor), start: start,
                finish: YAMLNode.Mark(event.end_mark), source: source)
            try add(node, Measure())
        case YAML_SEQUENCE_START_EVENT:
            let sequence = event.data.sequence_start
            open.append(
                Open(
                    isMapping: false, isFlow: sequence.style == YAML_FLOW_SEQUENCE_STYLE, tag: string(sequence.tag),
                    anchor: string(sequence.anchor), start: start))
        case YAML_MAPPING_START_EVENT:
            let mapping = event.data.mapping_start
            open.append(
                Open(
                    isMapping: true, isFlow: mapping.style == YAML_FLOW_MAPPING_STYLE, tag: string(mapping.tag),
                    anchor: string(mapping.anchor), start: start))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
            try close(at: YAMLNode.Mark(event.end_mark))
        case YAML_ALIAS_EVENT:
            try follow(string(event.data.alias.anchor) ?? "", start, YAMLNode.Mark(event.end_mark))
        default: break
        }
        if open.count > YAML.greatestDepth { throw tooDeep(at: start) }
    }

    private mutating func close(at end: YAMLNode.Mark) throws(InputErrors) {
        guard let done = open.popLast() else { return }
        let kind: YAMLNode.Kind
        if done.isMapping {
            kind = .mapping(
                stride(from: 0, to: done.children.count - 1, by: 2).map {
                    YAMLNode.Entry(key: done.children[$0], value: done.children[$0 + 1])
                })
        } else {
            kind = .sequence(done.children)
        }
        let node = YAMLNode(
            kind: kind, tag: done.tag, anchor: done.anchor, isFlow: done.isFlow, start: done.start, finish: end,
            source: source)
        try add(node, done.measure)
    }

    private mutating func follow(_ name: String, _ start: YAMLNode.Mark, _ end: YAMLNode.Mark) throws(InputErrors) {
        guard let (anchored, measure) = anchors[name] else {
            if open.contains(where: { $0.anchor == name }) {
                throw InputErrors(source.error("the alias *\(name) stands within what it names", at: start))
            }
            throw InputErrors(
                source.error(
                    "the alias *\(name) names no anchor before it", at: start,
                    hint: nearestName(to: name, among: anchors.keys).map { "did you mean '*\($0)'?" }
                        ?? "a value that begins with * needs quotes"))
        }
        aliased += measure.nodes
        if aliased > YAML.mostAliasedNodes {
            throw InputErrors(
                source.error("aliases make this file more than \(YAML.mostAliasedNodes) nodes larger", at: start))
        }
        if open.count + measure.depth > YAML.greatestDepth { throw tooDeep(at: start) }
        var node = anchored
        node.start = start
        node.finish = end
        node.anchor = nil
        node.alias = name
        try add(node, measure)
    }

    private mutating func add(_ node: YAMLNode, _ measure: Measure) throws(InputErrors) {
        if let anchor = node.anchor { anchors[anchor] = (node, measure) }
        if open.isEmpty {
            documents.append(node)
        } else {
            open[open.count - 1].children.append(node)
            open[open.count - 1].measure.add(measure)
        }
    }

    private func tooDeep(at mark: YAMLNode.Mark) -> InputErrors {
        InputErrors(source.error("nested deeper than \(YAML.greatestDepth) levels", at: mark))
    }

    private func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}

extension YAMLNode.Mark {
    init(_ mark: yaml_mark_t) {
        self.init(
            line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1, index: Int(clamping: mark.index)
        )
    }
}
