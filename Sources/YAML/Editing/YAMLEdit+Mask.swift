import Model

extension YAMLEdit {
    /// The text with the values of some keys hidden, line by line, so that lines keep their numbers.
    ///
    /// - Parameter mask: what stands for a piece of hidden text.
    public func masked(_ isHidden: (String) -> Bool, _ mask: (String) -> String) -> String {
        var splices: [TextLines.Splice] = []
        var open: [YAMLNode] = root.map { [$0] } ?? []
        while let node = open.popLast() {
            guard node.alias == nil else { continue }
            open += node.items ?? []
            for entry in node.entries ?? [] {
                guard let key = try? entry.key.keyText(), isHidden(key) else {
                    open.append(entry.value)
                    continue
                }
                var start = places.contentStart(entry.value)
                let end = places.contentEnd(entry.value)
                while start < end {
                    let content = text.skippingBlanks(start)
                    let lineEnd = min(end, text.lineEnd(start))
                    if content < lineEnd {
                        let hidden = text.string(content..<lineEnd)
                        splices.append(TextLines.Splice(range: content..<lineEnd, text: mask(hidden)))
                    }
                    start = text.nextLine(lineEnd)
                }
            }
        }
        var text = text
        text.apply(splices)
        return text.string(0..<text.count)
    }
}
