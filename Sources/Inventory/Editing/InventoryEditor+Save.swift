import Model

extension InventoryEditor {
    /// The mistakes that the changes bring: those that the inventory did not have before.
    ///
    /// - Parameter check: every mistake of an inventory, such as `Inventory.check` with its templates rendered.
    public func newMistakes(_ check: (Inventory) -> [InputError] = { $0.check() }) -> [InputError] {
        var known: [String: Int] = [:]
        for mistake in check(original) { known[mistake.message, default: 0] += 1 }
        let replacing = changes.reduce(into: [:]) { $0[$1.path] = $1.after }
        return check(inventory).filter { mistake in
            let count = known[mistake.message, default: 0]
            if count > 0 { known[mistake.message] = count - 1 }
            return count == 0
        }.map { unplaced($0, in: replacing) }
    }

    /// Writes the files that were changed.
    ///
    /// Each file is replaced whole, in one step; it keeps its mode and owner, and a symbolic link stays one.
    ///
    /// - Returns: warnings that the changes bring.
    /// - Throws: errors that the changes would bring, or where a file has been changed since it was read, or cannot be
    ///   written: nothing is written then.
    @discardableResult
    public func save(
        _ check: (Inventory) -> [InputError] = { $0.check() }
    ) throws(InputErrors) -> [InputError] {
        let mistakes = newMistakes(check)
        let errors = mistakes.filter { $0.severity == .error }
        if !errors.isEmpty { throw InputErrors(errors) }
        try FileReplacement.replace(
            changes.map { FileReplacement(path: $0.path, before: $0.before, after: $0.after) })
        return mistakes
    }
}
