import Model
import OrderedCollections

/// Runs a template's statements and gathers the text.
struct Renderer {
    private static let longest = 50_000_000
    static let unknownText = "(known after apply)"
    static let sensitiveText = "(sensitive)"

    var evaluator: Evaluator
    let forDisplay: Bool
    private(set) var text = ""
    private(set) var isSensitive = false
    private(set) var unknown: Unknown?

    init(evaluator: Evaluator, forDisplay: Bool) {
        self.evaluator = evaluator
        self.forDisplay = forDisplay
    }

    mutating func run(_ statements: [Statement]) throws(InputErrors) {
        for statement in statements { try run(statement) }
    }

    private mutating func run(_ statement: Statement) throws(InputErrors) {
        switch statement {
        case .text(let part): text += part
        case .output(let node):
            try output(node)
            guard text.utf8.count <= Self.longest else { throw evaluator.error("the result is too long", at: node) }
        case .branch(let branches, let otherwise): try branch(branches, otherwise)
        case .loop(let loop): try self.loop(loop)
        case .set(let targets, let node): try assign(targets, try evaluator.value(node), at: node)
        case .capture(let name, let body):
            var inner = Renderer(evaluator: evaluator, forDisplay: false)
            try inner.run(body)
            let content: Value.Content = inner.unknown.map { .unknown($0) } ?? .string(inner.text)
            define(name, Value(content, isSensitive: inner.isSensitive))
        }
    }

    private mutating func output(_ node: Node) throws(InputErrors) {
        // An inline if without an else prints nothing where its condition does not hold, in strict Jinja2 too.
        guard case .conditional(let condition, let then, nil) = node.kind else { return put(try evaluator.value(node)) }
        switch try evaluator.truth(condition) {
        case .yes: put(try evaluator.value(then))
        case .no: break
        case .unknown(let waits): wait(for: waits)
        }
    }

    private mutating func put(_ value: Value) {
        if value.containsSensitive {
            isSensitive = true
            if forDisplay {
                text += Self.sensitiveText
                return
            }
        }
        if let waits = value.waitsFor {
            wait(for: waits, shown: PythonText.text(value))
        } else {
            text += PythonText.text(value)
        }
    }

    /// Notes that the text is unknown as a whole; for display it goes on.
    private mutating func wait(for waits: Unknown, shown: String = Renderer.unknownText) {
        unknown = unknown?.and(waits) ?? waits
        if forDisplay { text += shown }
    }

    private mutating func branch(
        _ branches: [(condition: Node, body: [Statement])], _ otherwise: [Statement]
    ) throws(InputErrors) {
        for branch in branches {
            switch try evaluator.truth(branch.condition) {
            case .yes: return try run(branch.body)
            case .no: continue
            case .unknown(let waits): return wait(for: waits)
            }
        }
        try run(otherwise)
    }

    private mutating func loop(_ loop: Loop) throws(InputErrors) {
        let source = try evaluator.value(loop.items)
        if let waits = source.isUnknown { return wait(for: waits) }
        guard var items = Call.iterated(source) else {
            throw evaluator.error("a loop needs a list, a map or text, not \(source.typeName)", at: loop.items)
        }
        evaluator.locals.append([:])
        defer { evaluator.locals.removeLast() }
        if let filter = loop.filter {
            var kept: [Value] = []
            for item in items {
                evaluator.locals[evaluator.locals.count - 1] = try bind(loop.targets, item, at: loop.items)
                switch try evaluator.truth(filter) {
                case .yes: kept.append(item)
                case .no: break
                case .unknown(let waits): return wait(for: waits)
                }
            }
            items = kept
        }
        for (i, item) in items.enumerated() {
            var frame = try bind(loop.targets, item, at: loop.items)
            if loop.usesLoop { frame["loop"] = Self.state(i, items) }
            evaluator.locals[evaluator.locals.count - 1] = frame
            try run(loop.body)
        }
        evaluator.locals[evaluator.locals.count - 1] = [:]
        if items.isEmpty { try run(loop.otherwise) }
    }

    private static func state(_ i: Int, _ items: [Value]) -> Value {
        var loop: OrderedDictionary<String, Value> = [
            "index": .int(i + 1), "index0": .int(i), "revindex": .int(items.count - i),
            "revindex0": .int(items.count - i - 1), "first": .bool(i == 0), "last": .bool(i == items.count - 1),
            "length": .int(items.count),
        ]
        if i > 0 { loop["previtem"] = items[i - 1] }
        if i + 1 < items.count { loop["nextitem"] = items[i + 1] }
        return .map(loop)
    }

    /// One name takes the item, several take its parts.
    private func bind(_ names: [String], _ item: Value, at node: Node) throws(InputErrors) -> [String: Value] {
        if names.count == 1 { return [names[0]: item] }
        if item.isUnknown != nil { return Dictionary(names.map { ($0, item) }) { first, _ in first } }
        guard let parts = Call.iterated(item), parts.count == names.count else {
            throw evaluator.error("\(names.count) names need items of as many parts each", at: node)
        }
        return Dictionary(zip(names, parts)) { _, last in last }
    }

    private mutating func assign(_ targets: [Target], _ value: Value, at node: Node) throws(InputErrors) {
        let names = targets.map { $0.field.map { _ in "" } ?? $0.name }
        let values =
            targets.count == 1
            ? [value]
            : try bind(Array(0..<targets.count).map(String.init), value, at: node)
                .sorted { (Int($0.key) ?? 0) < (Int($1.key) ?? 0) }.map(\.value)
        for (i, target) in targets.enumerated() {
            guard let field = target.field else {
                define(names[i], values[i])
                continue
            }
            guard let frame = evaluator.locals.lastIndex(where: { $0[target.name] != nil }),
                let held = evaluator.locals[frame][target.name], var entries = held.map
            else {
                throw evaluator.source.error(
                    "'\(target.name)' is no namespace", at: target.at,
                    hint: "write {% set \(target.name) = namespace() %} before")
            }
            entries[field] = values[i]
            evaluator.locals[frame][target.name] = Value(.map(entries), isSensitive: held.isSensitive)
        }
    }

    private mutating func define(_ name: String, _ value: Value) {
        evaluator.locals[evaluator.locals.count - 1][name] = value
    }
}
