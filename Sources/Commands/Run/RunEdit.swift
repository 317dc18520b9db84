import Inventory
import Model
import OrderedCollections
import Report

/// A change of the inventory that belongs to a run: it is shown and agreed to with the plan.
struct RunEdit: Sendable {
    enum Moment: Sendable {
        /// Once the plan is agreed to, before the first change: what is cut short then, goes on with `kubani apply`.
        case first
        /// Once all else is done.
        case last
    }

    let change: InventoryChange
    let moment: Moment

    /// Whether there is anything to write.
    var isNeeded: Bool { !change.editor.changes.isEmpty }

    /// Says what is wrong with it, before anything else is done.
    func check() throws(InputErrors) { _ = try change.make(unless: true) }

    /// - Throws: with nothing written, where a file was changed since it was read.
    func write(_ console: Console, json: Bool) throws(InputErrors) {
        let notes = try change.make(unless: false)
        for note in notes { console.complain(note.description) }
        guard json else { return }
        var line = change.json(notes, written: true)
        line["event"] = "inventory"
        console.print(JSONText.line(.map(line)))
    }
}
