/// Where the parts of a node stand in its file's text. libyaml's marks begin a node at its anchor, and end a block at
/// whatever comes next.
struct NodePlaces {
    let text: TextLines

    /// Behind the anchor and the tag.
    func contentStart(_ node: YAMLNode) -> Int {
        guard node.alias == nil else { return Int(node.start.index) }
        var at = Int(node.start.index)
        var left = (node.anchor == nil ? 0 : 1) + (node.tag == nil ? 0 : 1)
        while left > 0, let scalar = text[at], scalar == "&" || scalar == "!" {
            at = endOfWord(at)
            left -= 1
            if left > 0 { at = text.skippingSpace(at) }
        }
        // What has an anchor and nothing else has no content.
        return isEmpty(node) ? at : text.skippingSpace(at)
    }

    private func endOfWord(_ start: Int) -> Int {
        var at = start
        while let scalar = text[at], !TextLines.isBlank(scalar), !TextLines.isBreak(scalar),
            !(scalar == "," || scalar == "]" || scalar == "}")
        {
            at += 1
        }
        return at
    }

    /// Whether nothing is written where the node stands.
    func isEmpty(_ node: YAMLNode) -> Bool {
        guard node.alias == nil, case .scalar("", .plain) = node.kind else { return false }
        return true
    }

    /// Just behind the node's last character; for a text block, the end of its last line that counts.
    func contentEnd(_ node: YAMLNode) -> Int {
        guard node.alias == nil, !node.isFlow else { return Int(node.finish.index) }
        switch node.kind {
        case .scalar(_, .block): return blockScalarEnd(node)
        case .scalar: return isEmpty(node) ? contentStart(node) : Int(node.finish.index)
        case .sequence(let items): return items.last.map(contentEnd) ?? Int(node.finish.index)
        case .mapping(let entries): return entries.last.map(entryEnd) ?? Int(node.finish.index)
        }
    }

    private func blockScalarEnd(_ node: YAMLNode) -> Int {
        let start = contentStart(node)
        var end = Int(node.finish.index)
        // The mark is at the beginning of the line below.
        if end > 0, end == text.lineStart(end), end > text.lineEnd(start) {
            end = text.lineEnd(text.lineStart(end - 1))
        }
        let keeps = keepsBlankLines(node)
        while !keeps, end > text.lineEnd(start), text.startsLine(end) {
            end = text.lineEnd(text.lineStart(text.lineStart(end) - 1))
        }
        return end
    }

    /// Whether the node ends in a text block (`|+`) to which the blank lines below belong.
    func keepsBlankLines(_ node: YAMLNode) -> Bool {
        guard node.alias == nil else { return false }
        switch node.kind {
        case .scalar(_, .block):
            let start = contentStart(node)
            return text.string(start..<text.lineEnd(start)).prefix(3).contains("+")
        case .scalar: return false
        case .sequence(let items): return items.last.map(keepsBlankLines) ?? false
        case .mapping(let entries): return entries.last.map { keepsBlankLines($0.value) } ?? false
        }
    }

    /// Just behind an entry's value, or behind its ':' where it has none.
    func entryEnd(_ entry: YAMLNode.Entry) -> Int {
        let colon = colonEnd(entry)
        guard !isEmpty(entry.value) || entry.value.anchor != nil || entry.value.tag != nil else {
            return colon ?? contentEnd(entry.key)
        }
        return contentEnd(entry.value)
    }

    /// Just behind the ':' of an entry; nil for a key that stands alone, as in `{a}`.
    func colonEnd(_ entry: YAMLNode.Entry) -> Int? {
        let at = text.skippingSpace(contentEnd(entry.key))
        return text[at] == ":" ? at + 1 : nil
    }

    /// The '-' of each item of a block sequence; nil where one is not found.
    func dashes(_ sequence: YAMLNode) -> [Int]? {
        let column = column(sequence)
        var dashes: [Int] = []
        for item in sequence.items ?? [] {
            // An item's content may begin on a line below its dash.
            var line = text.lineStart(Int(item.start.index))
            while text.lineEnd(line) < line + column || !isDash(line + column, before: item) {
                guard line > 0 else { return nil }
                line = text.lineStart(line - 1)
            }
            dashes.append(line + column)
        }
        return dashes
    }

    private func isDash(_ at: Int, before item: YAMLNode) -> Bool {
        guard at <= Int(item.start.index), text[at] == "-" else { return false }
        return text[at + 1].map { TextLines.isBlank($0) || TextLines.isBreak($0) } ?? true
    }

    /// The column of a block collection's keys or dashes.
    func column(_ collection: YAMLNode) -> Int { text.column(contentStart(collection)) }
}
