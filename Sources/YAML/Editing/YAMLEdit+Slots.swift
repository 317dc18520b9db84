import Model

extension YAMLEdit {
    /// A place that a value has in the text, or could have.
    struct Slot {
        enum Place { case document, value, item }

        var place: Place
        /// What stands there; nil in a document that holds nothing.
        var node: YAMLNode?
        /// Just behind the ':' or '-', or behind the key where there is no ':'.
        var head: Int
        /// Of the key or dash; -1 for the document.
        var column: Int
        /// Within braces.
        var isFlow: Bool
        /// What stands in places like this one, as examples.
        var models: [YAMLNode]
    }

    var places: NodePlaces { NodePlaces(text: text) }
    var writer: StyledWriter {
        StyledWriter(places, root: root, isJSON: isJSON, writesTextBlocks: writesTextBlocks && text.endsWithBreak)
    }

    var documentSlot: Slot {
        Slot(place: .document, node: root, head: 0, column: -1, isFlow: false, models: root.map { [$0] } ?? [])
    }

    /// The place at a path, which has to be there.
    func slot(at path: [String]) throws(InputErrors) -> Slot {
        var slot = documentSlot
        for (depth, step) in path.enumerated() {
            guard let node = slot.node, node.alias == nil, let index = ownIndex(of: step, in: node) else {
                throw InputErrors(shared(by: slot, path[depth...].joined(separator: ".")))
            }
            slot = self.slot(of: index, in: node, slot)
        }
        return slot
    }

    /// Which of a node's own entries or items a step names; what `<<` brings is not its own.
    func ownIndex(of step: String, in node: YAMLNode) -> Int? {
        if let items = node.items { return Int(step).flatMap { items.indices.contains($0) ? $0 : nil } }
        return node.entries?.firstIndex { !$0.key.isMergeKey && (try? $0.key.keyText()) == step }
    }

    func slot(of index: Int, in node: YAMLNode, _ parent: Slot) -> Slot {
        let places = places
        let isFlow = parent.isFlow || node.isFlow
        if let items = node.items {
            let start = Int(items[index].start.index)
            let dash = isFlow ? nil : places.dashes(node)?[index]
            return Slot(
                place: .item, node: items[index], head: dash.map { $0 + 1 } ?? start,
                column: dash.map(text.column) ?? text.column(start), isFlow: isFlow, models: items)
        }
        let entry = (node.entries ?? [])[index]
        return Slot(
            place: .value, node: entry.value, head: places.colonEnd(entry) ?? places.contentEnd(entry.key),
            column: isFlow ? 0 : places.column(node), isFlow: isFlow,
            models: models(for: (try? entry.key.keyText()) ?? "", in: node, parent) + [entry.value])
    }

    /// Examples for an entry of a mapping, the best last: its siblings, then what stands under the same key in mappings
    /// like this one.
    func models(for key: String, in node: YAMLNode, _ slot: Slot) -> [YAMLNode] {
        let others = slot.models.filter { $0.start != node.start }
        return (node.entries ?? []).map(\.value)
            + others.flatMap { $0.entries ?? [] }.filter { (try? $0.key.keyText()) == key }.map(\.value)
    }
}
