import Inventory
import Model
import OrderedCollections
import Report
import Roles

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What was edited in an inventory: checks it, writes it, and shows it. What the commands that edit share.
struct InventoryChange {
    let editor: InventoryEditor
    let extraVariables: OrderedDictionary<String, Value>

    /// Where there are roles, their variables are known, too.
    private let library = try? RoleLibrary(folders: RoleFolders.find(given: []))

    init(_ editor: InventoryEditor, extraVars: [String]) throws(InputErrors) {
        self.editor = editor
        extraVariables = try ExtraVariables.read(extraVars, by: editor.inventory.secretNames)
    }

    /// Writes the change, unless it is only to be shown.
    ///
    /// - Returns: what there is to know about it.
    /// - Throws: what is wrong with it, with nothing written.
    func make(unless isCheck: Bool) throws(InputErrors) -> [InputError] {
        let check = { (inventory: Inventory) in
            inventory.check(
                on: Site(
                    hosts: inventory.hosts, groups: inventory.membership, extraVariables: self.extraVariables),
                self.library)
        }
        guard isCheck else { return editor.notes + (try editor.save(check)) }
        let found = editor.newMistakes(check)
        let errors = found.filter { $0.severity == .error }
        if !errors.isEmpty { throw InputErrors(errors) }
        return editor.notes + found
    }

    /// The files' unified diffs, secrets hidden.
    var diffs: [(path: String, lines: [String])] {
        editor.changes.map { change in
            let (before, after) = change.masked(by: editor.inventory.secretNames, Self.mask)
            return (change.path, UnifiedDiff.lines(from: before, to: after).map(Self.unmarked))
        }
    }

    func text(_ style: Style) -> String {
        diffs.map { path, lines in
            ([style.tinted("--- \(path)", .bold), style.tinted("+++ \(path)", .bold)]
                + lines.map { UnifiedDiff.tinted($0, style) }).map { $0 + "\n" }.joined()
        }.joined()
    }

    func json(_ notes: [InputError], written: Bool) -> OrderedDictionary<String, Value> {
        [
            "changed": .bool(!editor.changes.isEmpty), "written": .bool(written && !editor.changes.isEmpty),
            "files": .list(
                diffs.map { ["path": .string($0.path), "diff": .list($0.lines.map { .string($0) })] }),
            "warnings": .list(notes.map { .string($0.description) }),
        ]
    }

    /// Two secrets look alike to people and differ for the diff: what tells them apart stands between two characters that
    /// nobody writes, and is taken out again.
    private static func mask(_ secret: String) -> String { "(sensitive)\u{F0000}\(secret.hashValue)\u{F0001}" }

    private static func unmarked(_ line: String) -> String {
        line.replacing(#/\u{F0000}[^\u{F0001}]*\u{F0001}/#, with: "")
    }
}
