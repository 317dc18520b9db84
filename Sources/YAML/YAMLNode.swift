import Model

/// One node of a YAML document with where it begins and ends. An alias is the node that it names, at the alias's place.
public struct YAMLNode: Sendable {
    public enum Style: Sendable, Hashable { case plain, quoted, block }

    public enum Kind: Sendable {
        case scalar(String, Style)
        case sequence([YAMLNode])
        /// In the file's order; a key may be any node.
        case mapping([Entry])
    }

    public struct Entry: Sendable {
        public var key: YAMLNode
        public var value: YAMLNode

        public init(key: YAMLNode, value: YAMLNode) {
            self.key = key
            self.value = value
        }
    }

    /// A line and a column, both from 1, the column in characters.
    struct Mark: Sendable, Hashable {
        var line: Int32
        var column: Int32
        /// The characters before it in the file.
        var index: Int32

        init(line: Int, column: Int, index: Int = 0) {
            self.line = Int32(clamping: line)
            self.column = Int32(clamping: column)
            self.index = Int32(clamping: index)
        }
    }

    public internal(set) var kind: Kind
    /// As written, such as `!vault`; those of `!!` in full (`tag:yaml.org,2002:str`).
    public internal(set) var tag: String?
    public internal(set) var anchor: String?
    /// The anchor's name, where an alias stands here.
    public internal(set) var alias: String?
    /// Whether it is a collection in `{}` or `[]`.
    var isFlow = false
    var start: Mark
    var finish: Mark
    let source: YAMLSource

    public var origin: Origin { source.origin(start) }
    /// The place just after the node. A block collection's may lie on the line after it.
    public var end: Origin { source.origin(finish) }

    /// The entries of a mapping.
    public var entries: [Entry]? { if case .mapping(let entries) = kind { entries } else { nil } }
    public var items: [YAMLNode]? { if case .sequence(let items) = kind { items } else { nil } }
    /// A scalar's text, whatever type it resolves to.
    public var text: String? { if case .scalar(let text, _) = kind { text } else { nil } }

    /// The value of a mapping's key, where a scalar is written just so.
    public subscript(key: String) -> YAMLNode? { entries?.first { $0.key.text == key }?.value }

    /// A mistake at this node, with its line.
    public func error(_ message: String, hint: String? = nil) -> InputError {
        source.error(message, at: start, hint: hint)
    }

    /// A plain scalar in this node's place.
    public func replaced(by text: String) -> YAMLNode {
        YAMLNode(kind: .scalar(text, .plain), start: start, finish: finish, source: source)
    }
}
