import Model
import OrderedCollections
import TestSupport
import Testing

@testable import YAML

@Suite("Edits of random documents") struct YAMLEditPropertyTests {
    /// One edit and what came of it.
    struct Edit {
        enum Deed {
            case set(Value)
            case add(Value)
            case remove
        }

        var seed: UInt64
        var before: String
        var path: [String]
        var deed: Deed
        var after: String
        var intended: Value
    }

    static func text(_ edit: YAMLEdit) -> String { String(decoding: edit.bytes, as: UTF8.self) }

    /// All paths of a value, those of maps and lists too.
    static func paths(_ value: Value, _ path: [String] = []) -> [[String]] {
        let below: [[String]]
        switch value.content {
        case .map(let map): below = map.flatMap { paths($0.value, path + [$0.key]) }
        case .list(let items): below = items.enumerated().flatMap { paths($0.element, path + [String($0.offset)]) }
        default: below = []
        }
        return (path.isEmpty ? [] : [path]) + below
    }

    static let news: [Value] = [
        7, "text", "yes", "a: b", "100.64.0.9", true, nil, ["x": 1, "y": "z"], [1, "b"], [:], ["n": ["m": ["o": []]]],
        "first\nsecond\n", [["k": "v", "l": [1]], "s"], 1.5, "",
    ]

    /// A random edit of a random document; nil where the document holds nothing to edit.
    static func edit(_ seed: UInt64, anchors: Bool) throws -> (Edit?, refusal: InputErrors?) {
        var random = RandomValues(state: seed &* 31)
        let before = RandomDocument(seed: seed, anchors: anchors, tabs: false).text
        var edit = try YAMLEdit(Array(before.utf8), file: "seed-\(seed)")
        let old = edit.value
        let all = paths(old)
        guard var path = all.randomElement(using: &random) else { return (nil, nil) }
        let new = news.randomElement(using: &random) ?? nil
        let deed: Edit.Deed
        let intended: Value?
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            deed = .set(new)
            intended = old.setting(path[...], to: new)
        case 1:
            let containers = [[]] + all.filter { old.value(at: $0).map { $0.map != nil || $0.list != nil } ?? false }
            path = containers.randomElement(using: &random) ?? []
            path.append(old.value(at: path)?.list.map { String($0.count) } ?? "new_key")
            deed = .add(new)
            intended = old.setting(path[...], to: new)
        default:
            deed = .remove
            let parent = old.value(at: path.dropLast())
            let isSole = (parent?.map?.count ?? parent?.list?.count) == 1
            intended = old.removing(
                path[...], emptied: path.count == 1 && isSole ? .null : parent?.list == nil ? [:] : [])
        }
        do throws(InputErrors) {
            if case .remove = deed { try edit.remove(path) } else { try edit.set(new, at: path) }
        } catch {
            let story = InputError("\(error)\nseed \(seed), \(path), \(deed)\n\(before)")
            return (nil, InputErrors(story))
        }
        return (
            Edit(
                seed: seed, before: before, path: path, deed: deed, after: text(edit), intended: intended ?? .null), nil
        )
    }

    @Test("mean to PyYAML what was intended", Needs.python, arguments: [false, true])
    func meaning(anchors: Bool) async throws {
        var edits: [Edit] = []
        var refused: [String] = []
        for seed in 1...1500 as ClosedRange<UInt64> {
            let (edit, refusal) = try Self.edit(seed, anchors: anchors)
            if let edit { edits.append(edit) }
            if let refusal { refused.append(refusal.description) }
        }
        // A text block that ends without a line end gets one from whatever comes below it, and so another value.
        let unexpected = refused.filter {
            !$0.contains("which *x") && !$0.contains("is not written here") && !$0.hasSuffix("comment: é")
        }
        #expect(unexpected.isEmpty, "\(unexpected.count): \(unexpected.joined(separator: "\n\n"))")
        #expect(refused.count < (anchors ? 150 : 10))
        #expect(edits.count > 1200)
        let theirs = try await PyYAML.read(edits.map(\.after))
        for (edit, their) in zip(edits, theirs) {
            // Before `...` there has to be a document.
            let isEmptied = their == "{}" && edit.intended.isNull
            #expect(
                their == PyYAML.spelling(of: edit.intended) || isEmptied,
                "seed \(edit.seed), \(edit.path), \(edit.deed)\n\(edit.before)\n=>\n\(edit.after)")
        }
    }

    @Test("keep every comment and every line that is not concerned")
    func lines() throws {
        for seed in 2001...4000 as ClosedRange<UInt64> {
            guard let edit = try Self.edit(seed, anchors: false).0 else { continue }
            let old = Self.lines(edit.before)
            let new = Self.lines(edit.after)
            let ahead = zip(old, new).prefix { $0 == $1 }.count
            let behind = zip(old.dropFirst(ahead).reversed(), new.dropFirst(ahead).reversed()).prefix { $0 == $1 }.count
            let gone = old[ahead..<(old.count - behind)]
            let story: Comment =
                "seed \(edit.seed), \(edit.path), \(edit.deed)\n\(edit.before)\n=>\n\(edit.after)"
            switch edit.deed {
            case .add:
                // Within braces the line of the last entry gets a comma or the entry itself, and null was a value.
                #expect(gone.count <= 1, story)
                #expect(Self.comments(edit.after) == Self.comments(edit.before), story)
            case .set:
                let node = try Self.node(at: edit.path, in: edit.before)
                let isOneLine = node.map { $0.text != nil && $0.start.line == $0.finish.line } ?? false
                if isOneLine {
                    #expect(gone.count <= 1, story)
                    #expect(Self.comments(edit.after) == Self.comments(edit.before), story)
                }
            case .remove:
                let (first, last) = try Self.lineRange(of: edit.path, in: edit.before)
                // The line before may lose its comma, the line of the key gets `{}`; what follows the first key of a
                // list's map moves up to the dash.
                #expect(ahead >= first - 2 && old.count - behind <= last + 1, story)
                #expect(Self.comments(edit.after).isSubset(of: Self.comments(edit.before)), story)
            }
        }
    }

    @Test("are undone by removing what was added")
    func undone() throws {
        var count = 0
        for seed in 5001...6500 as ClosedRange<UInt64> {
            var random = RandomValues(state: seed)
            let before = RandomDocument(seed: seed).text
            var edit = try YAMLEdit(Array(before.utf8), file: "seed-\(seed)")
            let maps = [[]] + Self.paths(edit.value).filter { edit.value.value(at: $0)?.map != nil }
            let path = (maps.randomElement(using: &random) ?? []) + ["new_key"]
            guard !before.hasSuffix("comment: é") else { continue }
            try edit.set(Self.news.randomElement(using: &random) ?? 1, at: path)
            try edit.remove(path, leaving: .nothing)
            #expect(Self.text(edit) == before, "seed \(seed), \(path)")
            count += 1
        }
        #expect(count > 1400)
    }

    private static func lines(_ text: String) -> [String] {
        var lines: [String] = [""]
        for scalar in text.unicodeScalars {
            lines[lines.count - 1].unicodeScalars.append(scalar)
            if scalar == "\n" { lines.append("") }
        }
        return lines
    }

    private static func comments(_ text: String) -> Set<Substring> {
        Set(text.matches(of: #/\# c\d+[; ]/#).map(\.output))
    }

    private static func node(at path: [String], in text: String) throws -> YAMLNode? {
        try YAMLEdit(Array(text.utf8), file: "x").slot(at: path).node
    }

    /// The lines of an entry with its deeper comments, from 1.
    private static func lineRange(of path: [String], in text: String) throws -> (Int, Int) {
        let edit = try YAMLEdit(Array(text.utf8), file: "x")
        let parent = try edit.slot(at: Array(path.dropLast()))
        let node = try #require(parent.node)
        let index = try #require(path.last.flatMap { edit.ownIndex(of: $0, in: node) })
        let start = node.entries.map { $0[index].key.start.line } ?? node.items?[index].start.line ?? 1
        let value = node.entries.map { $0[index].value } ?? node.items?[index]
        // A map's only entry leaves `{}` in the line of its key.
        let isSole = (node.entries?.count ?? node.items?.count) == 1
        let key = edit.text.string(0..<parent.head).unicodeScalars.filter { $0 == "\n" }.count + 1
        let end = edit.places.contentEnd(try #require(value))
        let column = node.isFlow ? Int.max : edit.places.column(node)
        let lineEnd = edit.text.endOfComments(below: edit.text.lineEnd(end), deeperThan: column)
        let last = edit.text.string(0..<lineEnd).unicodeScalars.filter { $0 == "\n" }.count + 1
        return (isSole ? key : Int(start), last)
    }
}
