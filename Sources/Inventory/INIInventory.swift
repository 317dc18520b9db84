import Model
import OrderedCollections
import YAML

/// Reads Ansible's INI inventory: `[group]` with hosts, `[group:vars]`, `[group:children]`.
struct INIInventory {
    enum Section: String { case hosts, children, vars }

    /// A group that was named before it was declared.
    private enum Pending {
        case variables(Origin)
        case child(of: [String], Origin)
    }

    private var builder: InventoryBuilder
    private let file: String
    private var errors: [InputError] = []
    private var pending: [String: Pending] = [:]
    private var group = "ungrouped"
    private var section = Section.hosts
    private var line = ""
    private var number = 0

    /// - Throws: every mistake of the file at once.
    static func read(_ bytes: [UInt8], file: String, into builder: inout InventoryBuilder) throws(InputErrors) {
        var reader = INIInventory(builder: builder, file: file)
        for bytes in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            reader.number += 1
            reader.take(bytes)
        }
        reader.finish()
        if !reader.errors.isEmpty { throw InputErrors(reader.errors) }
        builder = reader.builder
    }

    private init(builder: InventoryBuilder, file: String) {
        self.builder = builder
        self.file = file
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>) {
        guard let written = String(validating: bytes, as: UTF8.self) else {
            line = String(decoding: bytes, as: UTF8.self)
            let isComment = line.first == "#" || line.first == ";"
            if !isComment { fail("the line is not UTF-8", hint: "convert the file to UTF-8") }
            return
        }
        line = written
        let text = written.trimmed
        if written.utf8.contains(0) { return fail("the line holds a NUL byte") }
        guard let first = text.first, first != "#", first != ";" else { return }
        if first == "[", let header = Self.header(text) { return open(header) }
        if first == "[", text.last == "]" {
            return fail(
                "no section: \(text)", hint: "a section is [group], [group:vars] or [group:children], without spaces")
        }
        switch section {
        case .hosts: host()
        case .vars: variable(text)
        case .children: child(text)
        }
    }

    /// `[name]` or `[name:kind]`, maybe with a comment after it.
    static func header(_ text: String) -> (name: String, kind: String)? {
        guard let close = text.firstIndex(of: "]") else { return nil }
        let rest = String(text[text.index(after: close)...]).trimmed
        guard rest.isEmpty || rest.first == "#" else { return nil }
        let parts = text[text.index(after: text.startIndex)..<close].split(
            separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty, !parts[0].contains(where: \.isWhitespace) else {
            return nil
        }
        if parts.count == 2 {
            guard !parts[1].isEmpty, parts[1].allSatisfy({ $0 == "_" || $0.isLetter || $0.isNumber }) else {
                return nil
            }
        }
        return (String(parts[0]), parts.count == 2 ? String(parts[1]) : "hosts")
    }

    private mutating func open(_ header: (name: String, kind: String)) {
        guard let kind = Section(rawValue: header.kind) else {
            return fail(
                "the section [\(header.name):\(header.kind)] is of no known kind",
                hint: nearestName(to: header.kind, among: ["vars", "children", "hosts"]).map {
                    "did you mean ':\($0)'?"
                })
        }
        (group, section) = (header.name, kind)
        let origin = place(of: group)
        if kind == .vars, builder.groups[group] == nil, pending[group] == nil { pending[group] = .variables(origin) }
        builder.addGroup(group, at: origin)
        guard kind != .vars, let waiting = pending.removeValue(forKey: group) else { return }
        if case .child(let parents, let origin) = waiting {
            for parent in parents {
                if let mistake = builder.addChild(group, to: parent) { errors.append(InputError(mistake, at: origin)) }
            }
        }
    }

    private mutating func host() {
        let words: [INIWords.Word]
        do throws(INIWords.Unclosed) { words = try INIWords.split(line) } catch {
            return fail("a quote that is never closed", column: error.column)
        }
        guard let first = words.first else { return }
        let pattern = first.text
        let address = HostAddress(pattern)
        if pattern.hasSuffix(":"), address?.port == nil {
            return fail(
                "a host's name cannot end with ':'", column: first.column, hint: "is this a YAML file? Name it .yml")
        }
        if pattern.isEmpty { return fail("the name of a host is empty", column: first.column) }
        if pattern == "---" { return fail("'---' begins a YAML file", hint: "name the file .yml") }
        var declarations: [(String, Declaration)] = []
        for word in words.dropFirst() {
            guard let equals = word.text.firstIndex(of: "=") else {
                fail("a host's variables are name=value, not '\(word.text)'", column: word.column)
                continue
            }
            let origin = Origin(file: file, line: number, column: word.column)
            let content = PythonLiteral.value(String(word.text[word.text.index(after: equals)...]))
            declarations.append(
                (String(word.text[..<equals]), Declaration(nameOrigin: origin, value: content.placed(at: origin))))
        }
        let names: [String]
        do throws(HostRange.Mistake) { names = try HostRange.names(address?.name ?? pattern) } catch {
            return fail(error.message, column: first.column)
        }
        let origin = Origin(file: file, line: number, column: first.column)
        for name in names {
            builder.addHost(
                name, to: group, port: address?.port.map { Value.int($0).at(origin) }, at: origin, file: file)
            for (variable, declaration) in declarations { set(variable, declaration, of: name) }
        }
    }

    private mutating func variable(_ text: String) {
        guard let equals = text.firstIndex(of: "=") else { return fail("a variable is name=value, not '\(text)'") }
        let name = String(text[..<equals]).trimmed
        let origin = place(of: name)
        let content = PythonLiteral.value(String(text[text.index(after: equals)...]).trimmed)
        set(name, Declaration(nameOrigin: origin, value: content.placed(at: origin)), of: group)
    }

    private mutating func child(_ text: String) {
        let name = String(text.prefix { !$0.isWhitespace })
        let rest = String(text.dropFirst(name.count)).trimmed
        guard !name.contains(":"), !name.contains("]"), rest.isEmpty || rest.first == "#" else {
            return fail("a group's name is needed here, not '\(text)'")
        }
        let origin = place(of: name)
        if builder.groups[name] == nil || pendsAsChild(name) {
            if case .child(let parents, let first) = pending[name] {
                pending[name] = .child(of: parents + [group], first)
            } else {
                pending[name] = .child(of: [group], origin)
            }
        } else if let mistake = builder.addChild(name, to: group) {
            fail(mistake)
        }
    }

    private func pendsAsChild(_ name: String) -> Bool {
        if case .child = pending[name] { true } else { false }
    }

    private mutating func set(_ name: String, _ declaration: Declaration, of entity: String) {
        if let error = builder.set(name, declaration, of: entity) { errors.append(error) }
    }

    private mutating func finish() {
        for (name, waiting) in pending {
            let known = builder.groups.keys.filter { pending[$0] == nil }
            let hint = nearestName(to: name, among: known).map { "did you mean '\($0)'?" }
            switch waiting {
            case .variables(let origin):
                errors.append(
                    InputError("variables of '\(name)', a group that is declared nowhere", at: origin, hint: hint))
            case .child(let parents, let origin):
                let parent = parents.last ?? ""
                errors.append(
                    InputError("'\(name)', a child of '\(parent)', is a group declared nowhere", at: origin, hint: hint)
                )
            }
        }
    }

    /// The column of a name in the current line.
    private func place(of name: String) -> Origin {
        let scalars = Array(line.unicodeScalars)
        let wanted = Array(name.unicodeScalars)
        let column = scalars.indices.first { scalars[$0...].starts(with: wanted) } ?? 0
        return Origin(file: file, line: number, column: column + 1)
    }

    private mutating func fail(_ message: String, column: Int? = nil, hint: String? = nil) {
        let blanks = line.prefix(while: \.isWhitespace).count
        errors.append(
            InputError(
                message, at: Origin(file: file, line: number, column: column ?? blanks + 1),
                sourceLine: SourceLine.shown(line), hint: hint))
    }
}

extension String {
    var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}

extension Value.Content {
    /// The content as a value, each part of it at the place.
    fileprivate func placed(at origin: Origin) -> Value {
        switch self {
        case .list(let items): Value(.list(items.map { $0.content.placed(at: origin) }), origin: origin)
        case .map(let map): Value(.map(map.mapValues { $0.content.placed(at: origin) }), origin: origin)
        default: Value(self, origin: origin)
        }
    }
}
