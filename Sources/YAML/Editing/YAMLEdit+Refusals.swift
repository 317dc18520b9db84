import Model

extension YAMLEdit {
    /// Why nothing can be set at a path: something on its way is neither map nor list.
    func blocked(_ path: [String]) -> InputError {
        for depth in path.indices {
            let above = path[..<depth]
            guard let found = value.value(at: above) else { continue }
            let name = above.joined(separator: ".")
            if let items = found.list, !(Int(path[depth]).map { (0...items.count).contains($0) } ?? false) {
                return InputError(
                    "'\(name)' is a list of \(items.count), and has no '\(path[depth])'", at: found.origin,
                    hint: "its items are numbered from 0; \(items.count) appends one")
            }
            if found.map == nil, found.list == nil, !found.isNull {
                return InputError(
                    "'\(name)' is \(found.typeName), and so has no '\(path[depth])'", at: found.origin,
                    hint: "remove '\(name)' first, or give it whole")
            }
        }
        return InputError("'\(path.joined(separator: "."))' cannot be set in \(file)")
    }

    /// Why a key cannot be removed where it is no entry of the file's at that place.
    func shared(by slot: Slot, _ key: String) -> InputError {
        let alias = slot.node?.alias
        return InputError(
            "'\(key)' is not written here: it comes from \(alias.map { "*\($0)" } ?? "what << names")",
            at: slot.node?.origin,
            hint: "remove it where the anchor is, for all that share it, or write this value out first")
    }

    /// Why a change was given up after it was tried.
    func refusal(_ path: [String], because reason: String?) -> InputError {
        let name = path.joined(separator: ".")
        if let (anchor, user) = sharedAnchor(path) {
            return InputError(
                "'\(name)' lies in &\(anchor), which *\(anchor) stands for too: this change would change both",
                at: user.origin, hint: "write out the value here first, or change the file by hand")
        }
        let place = (try? slot(at: path))?.node?.origin ?? root?.origin
        return InputError(
            "'\(name)' cannot be changed by itself in \(file)" + (reason.map { ": \($0)" } ?? ""), at: place,
            hint: "change the file by hand")
    }

    /// An anchor on the way to a path or below it, and an alias that uses it.
    private func sharedAnchor(_ path: [String]) -> (String, YAMLNode)? {
        var anchors: [String] = []
        var node = root
        for step in path {
            guard let here = node else { break }
            if let anchor = here.anchor { anchors.append(anchor) }
            let index = ownIndex(of: step, in: here)
            node = index.flatMap { here.items?[$0] ?? here.entries?[$0].value }
        }
        node?.visit { if let anchor = $0.anchor { anchors.append(anchor) } }
        var found: (String, YAMLNode)?
        root?.visit { node in
            if found == nil, let alias = node.alias, anchors.contains(alias) { found = (alias, node) }
        }
        return found
    }
}

extension YAMLNode {
    /// The node and all that is written below it; what an alias stands for is not.
    fileprivate func visit(_ body: (YAMLNode) -> Void) {
        body(self)
        guard alias == nil else { return }
        for entry in entries ?? [] {
            entry.key.visit(body)
            entry.value.visit(body)
        }
        for item in items ?? [] { item.visit(body) }
    }
}
