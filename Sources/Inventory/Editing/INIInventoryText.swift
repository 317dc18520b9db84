import Model
import OrderedCollections
import YAML

/// An INI inventory whose lines are changed in place.
struct INIInventoryText: InventoryText {
    private let file: String
    /// Without their ends, but for the `\r` of a file of CRLF.
    private var raw: [[UInt8]]
    private var lines: [INILine] { INILine.read(raw) }

    init(_ bytes: [UInt8], file: String) {
        self.file = file
        raw = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
    }

    var bytes: [UInt8] { Array(raw.joined(separator: [UInt8(ascii: "\n")])) }

    func presence(of group: String) -> GroupPresence {
        let own = lines.filter { $0.group == group }
        if own.contains(where: { $0.section == .hosts }) { return .hasHosts }
        return own.isEmpty ? .none : .hasSections
    }

    func lists(_ host: String) -> Bool { lines.contains { $0.names.contains(host) } }

    func sets(_ variable: String, for owner: VariableOwner) -> Bool { index(of: variable, for: owner) != nil }

    mutating func add(
        _ host: String, to group: String, variables: OrderedDictionary<String, Value>
    ) throws(InputErrors) {
        var words = [host]
        for (name, value) in variables { words.append(try word(name, value)) }
        insert(words.joined(separator: " "), in: group, .hosts)
    }

    mutating func remove(_ host: String) throws(InputErrors) {
        let lines = lines
        let found = lines.indices.filter { lines[$0].names.contains(host) }
        var errors: [InputError] = []
        for index in found {
            guard lines[index].names.count > 1, case .host(let words) = lines[index].content else { continue }
            errors.append(rangeError(host, in: words[0].text, at: origin(index, words[0].column)))
        }
        if !errors.isEmpty { throw InputErrors(errors) }
        for index in found.reversed() { removeLine(index) }
    }

    mutating func set(_ value: Value, at path: [String], for owner: VariableOwner) throws(InputErrors) {
        let name = path[0]
        let place = index(of: name, for: owner)
        var whole = value
        if path.count > 1 {
            let old = place.map { self.value(of: name, in: $0) } ?? .null
            guard let changed = old.setting(path.dropFirst(), to: value) else {
                throw InputErrors(
                    InputError("'\(name)' is \(old.typeName), and so has no '\(path[1])'", at: place.map { origin($0) })
                )
            }
            whole = changed
        }
        switch (owner, place) {
        case (.group, let place?): try replaceVariable(name, in: place, with: whole)
        case (.group(let group), nil):
            let isSpaced = zip(lines, raw).contains { line, bytes in
                guard case .variable = line.content else { return false }
                return String(decoding: bytes, as: UTF8.self).contains(" = ")
            }
            insert(name + (isSpaced ? " = " : "=") + (try text(whole)), in: group, .vars)
        case (.host, let place?):
            guard let old = lines[place].word(setting: name) else { return }
            splice(place, (old.column - 1)..<(old.end - 1), with: try word(name, whole))
        case (.host(let host), nil): try addVariable(try word(name, whole), to: host)
        }
    }

    mutating func unset(_ path: [String], for owner: VariableOwner) throws(InputErrors) {
        let name = path[0]
        guard let place = index(of: name, for: owner) else { return }
        if path.count > 1 {
            guard let left = value(of: name, in: place).removing(path.dropFirst(), emptied: [:]) else { return }
            return try set(left, at: [name], for: owner)
        }
        guard case .host(let words) = lines[place].content, let word = lines[place].word(setting: name),
            let number = words.firstIndex(of: word)
        else { return removeLine(place) }
        splice(place, (words[number - 1].end - 1)..<(word.end - 1), with: "")
    }

    // MARK: - Lines

    private func origin(_ index: Int, _ column: Int = 1) -> Origin {
        Origin(file: file, line: index + 1, column: column)
    }

    /// The line that sets a variable and counts: the last one.
    private func index(of variable: String, for owner: VariableOwner) -> Int? {
        lines.lastIndex { line in
            switch (owner, line.content) {
            case (.group(let name), .variable(variable)): line.group == name
            case (.host(let name), .host): line.names == [name] && line.word(setting: variable) != nil
            default: false
            }
        }
    }

    private func value(of variable: String, in index: Int) -> Value {
        if let word = lines[index].word(setting: variable) {
            return Value(PythonLiteral.value(String(word.text.dropFirst(variable.count + 1))))
        }
        let line = String(decoding: raw[index], as: UTF8.self)
        return Value(
            PythonLiteral.value(String(line[(line.firstIndex(of: "=") ?? line.startIndex)...].dropFirst()).trimmed))
    }

    private func text(_ value: Value) throws(InputErrors) -> String {
        for text in try INIValue.texts(value) where PythonLiteral.value(text) == value.content { return text }
        throw InputErrors(InputError("an INI inventory cannot hold this value"))
    }

    private func word(_ name: String, _ value: Value) throws(InputErrors) -> String {
        "\(name)=" + INIValue.word(try text(value))
    }

    /// The value alone is replaced: the blanks around `=` stay, and a comment behind a literal.
    private mutating func replaceVariable(_ name: String, in index: Int, with value: Value) throws(InputErrors) {
        let line = String(decoding: raw[index], as: UTF8.self)
        guard let equals = line.firstIndex(of: "=") else { return }
        let behind = line[line.index(after: equals)...]
        let blanks = behind.prefix { $0 == " " || $0 == "\t" }
        let old = String(behind.dropFirst(blanks.count)).trimmed
        let tail = String(INIValue.comment(behind: old) ?? "")
        for text in try INIValue.texts(value) where PythonLiteral.value((text + tail).trimmed) == value.content {
            let end = line.unicodeScalars.last == "\r" ? "\r" : ""
            raw[index] = Array((line[...equals] + blanks + text + tail + end).utf8)
            return
        }
        throw InputErrors(InputError("'\(name)' cannot be set here by itself", at: origin(index)))
    }

    private mutating func addVariable(_ word: String, to host: String) throws(InputErrors) {
        let lines = lines
        let all = lines.indices.filter { lines[$0].names.contains(host) }
        let own = all.filter { lines[$0].names.count == 1 }
        func words(_ index: Int) -> [INIWords.Word] {
            if case .host(let words) = lines[index].content { words } else { [] }
        }
        if let place = own.last(where: { words($0).count > 1 }) ?? own.first, let last = words(place).last {
            return splice(place, (last.end - 1)..<(last.end - 1), with: " " + word)
        }
        // One of a range gets a line of its own below it.
        if let range = all.last { insertLine("\(host) \(word)", below: range) }
    }

    /// Replaces characters of a line.
    private mutating func splice(_ index: Int, _ range: Range<Int>, with text: String) {
        var scalars = Array(String(decoding: raw[index], as: UTF8.self).unicodeScalars)
        scalars.replaceSubrange(range, with: text.unicodeScalars)
        raw[index] = Array(String(String.UnicodeScalarView(scalars)).utf8)
    }

    /// A line at the end of a section, which is made at the end of the file where there is none.
    private mutating func insert(_ line: String, in group: String, _ section: INIInventory.Section) {
        let lines = lines
        let all = lines.indices.filter { lines[$0].group == group && lines[$0].section == section }
        if let last = all.last(where: { if case .other = lines[$0].content { false } else { true } }) {
            return insertLine(line, below: last)
        }
        let name = section == .hosts ? group : "\(group):\(section.rawValue)"
        let last = raw.lastIndex { !String(decoding: $0, as: UTF8.self).trimmed.isEmpty }
        var below = last ?? -1
        for line in (last == nil ? [] : [""]) + ["[\(name)]", line] {
            insertLine(line, below: below)
            below += 1
        }
    }

    private mutating func insertLine(_ line: String, below index: Int) {
        let isCRLF = raw.first?.last == UInt8(ascii: "\r")
        // The last line of a file without a last line end has none to take over.
        if index == raw.count - 1, index >= 0, isCRLF, raw[index].last != UInt8(ascii: "\r") {
            raw[index].append(UInt8(ascii: "\r"))
            raw.insert(Array(line.utf8), at: index + 1)
        } else {
            raw.insert(Array(line.utf8) + (isCRLF ? [UInt8(ascii: "\r")] : []), at: index + 1)
        }
    }

    private mutating func removeLine(_ index: Int) {
        let wasLast = index == raw.count - 1
        raw.remove(at: index)
        if wasLast, let last = raw.indices.last, raw[last].last == UInt8(ascii: "\r") { raw[last].removeLast() }
    }
}
