import Model

extension YAMLEdit {
    /// The splices that put a value where another one is, or none; the comment behind it stays.
    func replacement(of slot: Slot, with new: Value) -> [TextLines.Splice] {
        if slot.place == .document, slot.node.map(places.isEmpty) ?? true { return [newDocument(new)] }
        guard let node = slot.node else { return [] }
        if slot.isFlow { return [inFlow(slot, node, new)] }
        let written = written(new, in: slot, node)
        if places.isEmpty(node) { return filling(slot, node, written) }
        if node.alias != nil || node.isFlow { return inline(slot, node, written) }
        if case .scalar(_, let style) = node.kind {
            return style == .block ? textBlock(slot, node, written) : inline(slot, node, written)
        }
        return block(slot, node, written)
    }

    private func written(_ new: Value, in slot: Slot, _ node: YAMLNode) -> StyledWriter.Written {
        if slot.place == .item {
            let lines = writer.item(new, column: slot.column, like: slot.models)
            return StyledWriter.Written(
                head: String(lines[0].dropFirst(slot.column + 2)), below: Array(lines.dropFirst()))
        }
        // What was nothing becomes a block, so that it is nothing again once the block is removed.
        return writer.write(
            new, column: slot.column, indentation: String(repeating: " ", count: max(0, slot.column)),
            flow: places.isEmpty(node) ? nil : false, like: slot.models, quote: quote(of: node))
    }

    /// A document that holds nothing yet: below all its comments.
    private func newDocument(_ new: Value) -> TextLines.Splice {
        let lines = writer.write(new, column: -1, indentation: "", flow: isJSON ? true : nil, like: [])
        let all = (lines.head.isEmpty ? [] : [lines.head]) + lines.below
        guard let end = text.line(beginningWith: "...") else { return text.inserting(all, below: text.count) }
        return TextLines.Splice(range: end..<end, text: all.map { $0 + text.lineBreak }.joined())
    }

    private func quote(of node: YAMLNode) -> Unicode.Scalar? {
        guard case .scalar(_, .quoted) = node.kind, node.alias == nil else { return nil }
        return text[places.contentStart(node)]
    }

    /// Where a value's own text begins: the anchor stays, since others may use it; a tag goes with its value.
    private func ownRange(_ node: YAMLNode) -> (range: Range<Int>, prefix: String) {
        guard node.tag != nil, node.alias == nil else {
            return (places.contentStart(node)..<places.contentEnd(node), "")
        }
        let start = Int(node.start.index)
        return (start..<max(start, places.contentEnd(node)), node.anchor.map { "&\($0) " } ?? "")
    }

    private func inFlow(_ slot: Slot, _ node: YAMLNode, _ new: Value) -> TextLines.Splice {
        let lines = writer.flow(
            new, indentation: text.indentation(slot.head), like: slot.models.filter { $0.alias == nil },
            quote: quote(of: node))
        let all = lines.joined(separator: text.lineBreak)
        guard places.isEmpty(node), node.anchor == nil, node.tag == nil else {
            let (range, prefix) = ownRange(node)
            return TextLines.Splice(range: range, text: prefix + (places.isEmpty(node) ? " " : "") + all)
        }
        let hasColon = slot.head > 0 && text[slot.head - 1] == ":"
        return TextLines.Splice(range: slot.head..<slot.head, text: (hasColon ? " " : ": ") + all)
    }

    /// Where a head goes that has nothing to replace: behind the ':', the '-' or the anchor.
    private func headPlace(_ slot: Slot, _ node: YAMLNode) -> Int {
        guard let anchor = node.anchor, node.alias == nil else { return slot.head }
        let start = Int(node.start.index)
        return text[start] == "&" ? start + anchor.unicodeScalars.count + 1 : places.contentStart(node)
    }

    private func filling(_ slot: Slot, _ node: YAMLNode, _ written: StyledWriter.Written) -> [TextLines.Splice] {
        let at = headPlace(slot, node)
        var splices: [TextLines.Splice] = []
        if !written.head.isEmpty { splices.append(TextLines.Splice(range: at..<at, text: " " + written.head)) }
        if !written.below.isEmpty {
            let end = text.restOfLine(at) ?? text.lineEnd(at)
            splices.append(
                text.inserting(written.below, below: text.endOfComments(below: end, deeperThan: slot.column)))
        }
        return splices
    }

    private func inline(_ slot: Slot, _ node: YAMLNode, _ written: StyledWriter.Written) -> [TextLines.Splice] {
        let (range, prefix) = ownRange(node)
        let end = text.restOfLine(range.upperBound) ?? text.lineEnd(range.upperBound)
        let below = written.below.isEmpty ? [] : [text.inserting(written.below, below: end)]
        guard written.head.isEmpty else {
            return [TextLines.Splice(range: range, text: prefix + written.head)] + below
        }
        let at = headPlace(slot, node)
        if slot.place == .document || text.lineStart(at) != text.lineStart(range.lowerBound) {
            return [text.replacingLines(range.lowerBound, through: end, with: written.below)]
        }
        return [TextLines.Splice(range: at..<range.upperBound, text: "")] + below
    }

    private func textBlock(_ slot: Slot, _ node: YAMLNode, _ written: StyledWriter.Written) -> [TextLines.Splice] {
        let start = places.contentStart(node)
        var indicator = start
        while let scalar = text[indicator], !TextLines.isBlank(scalar), !TextLines.isBreak(scalar) { indicator += 1 }
        let headStart = written.head.isEmpty ? headPlace(slot, node) : start
        let head = TextLines.Splice(range: headStart..<indicator, text: written.head)
        let end = places.contentEnd(node)
        guard end > text.lineEnd(start) else {
            return [head] + (written.below.isEmpty ? [] : [text.inserting(written.below, below: text.lineEnd(start))])
        }
        return [head, text.replacingLines(text.nextLine(start), through: end, with: written.below)]
    }

    private func block(_ slot: Slot, _ node: YAMLNode, _ written: StyledWriter.Written) -> [TextLines.Splice] {
        let start = places.contentStart(node)
        let end = places.contentEnd(node)
        let lineEnd = text.restOfLine(end) ?? text.lineEnd(end)
        guard text.startsLine(start) else {
            let below = written.below.isEmpty ? [] : [text.inserting(written.below, below: lineEnd)]
            return [TextLines.Splice(range: start..<end, text: written.head)] + below
        }
        let lines = text.replacingLines(
            start, through: text.endOfComments(below: lineEnd, deeperThan: slot.column), with: written.below)
        if written.head.isEmpty { return [lines] }
        if slot.place == .document {
            return [text.replacingLines(start, through: lineEnd, with: [written.head] + written.below)]
        }
        let at = headPlace(slot, node)
        return [TextLines.Splice(range: at..<at, text: " " + written.head), lines]
    }
}
