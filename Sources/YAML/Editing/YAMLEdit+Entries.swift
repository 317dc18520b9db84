import Model
import OrderedCollections

extension YAMLEdit {
    /// The splices that add an entry to a mapping (with a key) or an item to a list, before the one at an index or last.
    func insertion(of new: Value, key: String?, at index: Int, in slot: Slot, _ node: YAMLNode) -> [TextLines.Splice] {
        let elements = elements(of: node)
        let models =
            key.map { self.models(for: $0, in: node, slot) } ?? (node.items ?? [])
        guard let last = elements.last else {
            return [filling(slot, node, with: key.map { .map([$0: new]) } ?? .list([new]))]
        }
        if node.isFlow { return insertionInFlow(new, key: key, at: index, node, elements, models) }
        let column = places.column(node)
        let lines =
            key.map { writer.entry(key: $0, new, column: column, like: models) }
            ?? writer.item(new, column: column, like: models)
        // Behind the one before it and its comments, so that those of the next one stay with that.
        let before = index > 0 ? elements[min(index, elements.count) - 1] : nil
        guard let before else {
            let start = text.lineStart(elements[0].lowerBound)
            guard text.startsLine(elements[0].lowerBound) else { return [] }
            return [TextLines.Splice(range: start..<start, text: lines.map { $0 + text.lineBreak }.joined())]
        }
        let end = text.restOfLine(before.upperBound) ?? text.lineEnd(before.upperBound)
        let isLast = before == last
        return [
            text.inserting(
                lines, below: isLast || key == nil ? text.endOfComments(below: end, deeperThan: column) : end)
        ]
    }

    /// `{}` or `[]` stays in flow style.
    private func filling(_ slot: Slot, _ node: YAMLNode, with new: Value) -> TextLines.Splice {
        let start = places.contentStart(node)
        let lines = writer.flow(
            new, indentation: text.indentation(start), like: slot.models.filter { $0.alias == nil })
        return TextLines.Splice(
            range: start..<Int(node.finish.index), text: lines.joined(separator: text.lineBreak))
    }

    private func insertionInFlow(
        _ new: Value, key: String?, at index: Int, _ node: YAMLNode, _ elements: [Range<Int>], _ models: [YAMLNode]
    ) -> [TextLines.Splice] {
        let style = FlowStyle(of: node, places)
        let indentation = text.indentation(elements[0].lowerBound)
        let lines = writer.element(key: key, new, style, indentation: indentation, like: models)
        let all = lines.joined(separator: text.lineBreak)
        if index < elements.count {
            let start = elements[index].lowerBound
            let between = style.unit == nil ? style.comma : "," + text.lineBreak + indentation
            return [TextLines.Splice(range: start..<start, text: all + between)]
        }
        let end = elements[elements.count - 1].upperBound
        let comma = text.skippingSpace(end)
        let hasComma = text[comma] == ","
        guard style.unit != nil else {
            let at = hasComma ? comma + 1 : end
            let after = hasComma ? String(style.comma.dropFirst()) + all + "," : style.comma + all
            return [TextLines.Splice(range: at..<at, text: after)]
        }
        guard let lineEnd = text.restOfLine(hasComma ? comma + 1 : end) else {
            let at = hasComma ? comma + 1 : end
            return [
                TextLines.Splice(range: at..<at, text: (hasComma ? "" : ",") + text.lineBreak + indentation + all)
            ]
        }
        let line = indentation + all + (hasComma ? "," : "")
        let splice = text.inserting([line], below: lineEnd)
        return hasComma ? [splice] : [TextLines.Splice(range: end..<end, text: ","), splice]
    }

    /// The splices that take an entry or item out.
    func removal(of index: Int, in slot: Slot, _ node: YAMLNode, emptied: Emptied) -> [TextLines.Splice] {
        let elements = elements(of: node)
        if node.isFlow { return removalInFlow(of: index, node, elements) }
        let element = elements[index]
        let end = text.restOfLine(element.upperBound) ?? text.lineEnd(element.upperBound)
        var last = text.endOfComments(below: end, deeperThan: places.column(node))
        if index > 0, places.keepsBlankLines(node.items?[index - 1] ?? (node.entries ?? [])[index - 1].value) {
            last = text.endOfBlankLines(below: last)
        }
        let startsLine = text.startsLine(element.lowerBound)
        if elements.count == 1 {
            if slot.place == .document {
                // `...` ends a document, and so there must be one.
                let isEnded = text.line(beginningWith: "...") != nil && text.line(beginningWith: "---") == nil
                return [text.replacingLines(element.lowerBound, through: last, with: isEnded ? ["{}"] : [])]
            }
            let nothing = node.items == nil ? "{}" : "[]"
            guard startsLine else { return [TextLines.Splice(range: element, text: nothing)] }
            let lines = text.replacingLines(element.lowerBound, through: last)
            guard emptied == .emptyCollection else { return [lines] }
            let at = node.anchor == nil ? slot.head : anchorEnd(node)
            return [TextLines.Splice(range: at..<at, text: " " + nothing), lines]
        }
        if startsLine { return [text.replacingLines(element.lowerBound, through: last)] }
        // The first of a list item's keys stands behind the dash: the next one takes its place, or leaves it empty where
        // there are comments between the two.
        guard index + 1 < elements.count else { return [] }
        let next = elements[index + 1].lowerBound
        if text.lineStart(next) == text.nextLine(end) {
            return [TextLines.Splice(range: element.lowerBound..<next, text: "")]
        }
        var start = element.lowerBound
        while start > 0, let scalar = text[start - 1], TextLines.isBlank(scalar) { start -= 1 }
        return [TextLines.Splice(range: start..<end, text: "")]
    }

    private func anchorEnd(_ node: YAMLNode) -> Int {
        var at = Int(node.start.index)
        while let scalar = text[at], !TextLines.isBlank(scalar), !TextLines.isBreak(scalar) { at += 1 }
        return at
    }

    private func removalInFlow(of index: Int, _ node: YAMLNode, _ elements: [Range<Int>]) -> [TextLines.Splice] {
        let element = elements[index]
        let comma = text.skippingSpace(element.upperBound)
        let hasComma = text[comma] == ","
        let end = hasComma ? comma + 1 : element.upperBound
        if elements.count == 1 {
            let inside = (places.contentStart(node) + 1)..<(Int(node.finish.index) - 1)
            let holdsComments = inside.contains { !element.contains($0) && text.isComment($0) }
            return [TextLines.Splice(range: holdsComments ? element.lowerBound..<end : inside, text: "")]
        }
        let isLast = index == elements.count - 1
        if text.startsLine(element.lowerBound), let lineEnd = text.restOfLine(end) {
            let lines = text.replacingLines(element.lowerBound, through: lineEnd)
            guard isLast, !hasComma else { return [lines] }
            let before = text.skippingSpace(elements[index - 1].upperBound)
            return [TextLines.Splice(range: before..<(before + 1), text: ""), lines]
        }
        return isLast
            ? [TextLines.Splice(range: elements[index - 1].upperBound..<element.upperBound, text: "")]
            : [TextLines.Splice(range: element.lowerBound..<elements[index + 1].lowerBound, text: "")]
    }

    /// From each key or dash through the end of its value.
    private func elements(of node: YAMLNode) -> [Range<Int>] {
        if let entries = node.entries {
            return entries.map { Int($0.key.start.index)..<max(Int($0.key.start.index), places.entryEnd($0)) }
        }
        let items = node.items ?? []
        let dashes = node.isFlow ? nil : places.dashes(node)
        return items.indices.map { index in
            let start = dashes?[index] ?? Int(items[index].start.index)
            return start..<max(start + (dashes == nil ? 0 : 1), places.contentEnd(items[index]))
        }
    }
}
