/// How deep a file's blocks stand below their keys, as the first ones in it show.
struct FileStyle {
    var step: Int?
    var dashOffset: Int?

    static func found(in root: YAMLNode, _ places: NodePlaces) -> FileStyle {
        var style = FileStyle()
        style.look(at: root, places)
        return style
    }

    private mutating func look(at node: YAMLNode, _ places: NodePlaces) {
        guard step == nil || dashOffset == nil, node.alias == nil, !node.isFlow else { return }
        for entry in node.entries ?? [] where entry.value.alias == nil && !entry.value.isFlow {
            let value = entry.value
            if value.entries != nil || value.items != nil {
                let depth = places.column(value) - places.text.column(Int(entry.key.start.index))
                if value.entries != nil, step == nil, depth > 0 { step = depth }
                if value.items != nil, dashOffset == nil, depth >= 0 { dashOffset = depth }
            }
            look(at: value, places)
        }
        for item in node.items ?? [] { look(at: item, places) }
    }

    /// The column of the key that a block collection stands under; nil for the document's own.
    static func parentColumn(of node: YAMLNode, _ places: NodePlaces) -> Int? {
        let text = places.text
        let start = places.contentStart(node)
        let own = text.column(start)
        var line = text.lineStart(start)
        while line > 0 {
            line = text.lineStart(line - 1)
            var content = text.skippingBlanks(line)
            guard let first = text[content], !TextLines.isBreak(first), !text.isComment(content) else { continue }
            // A list may stand at its key's own column.
            guard content - line < own || node.items != nil && content - line == own && first != "-" else { continue }
            while text[content] == "-", text[content + 1] == " " { content = text.skippingBlanks(content + 1) }
            return content - line
        }
        return nil
    }
}
