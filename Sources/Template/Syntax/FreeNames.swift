/// Collects the names that a template takes from its scope: all that are used, less those it binds itself.
struct FreeNames {
    private(set) var names: Set<String> = []
    private var bound: [Set<String>] = [[]]

    mutating func visit(_ statements: [Statement]) {
        for statement in statements { visit(statement) }
    }

    private mutating func visit(_ statement: Statement) {
        switch statement {
        case .text: break
        case .output(let node): visit(node)
        case .branch(let branches, let otherwise):
            for branch in branches {
                visit(branch.condition)
                visit(branch.body)
            }
            visit(otherwise)
        case .loop(let loop):
            visit(loop.items)
            bound.append(Set(loop.targets))
            if let filter = loop.filter { visit(filter) }
            bound[bound.count - 1].insert("loop")
            visit(loop.body)
            bound.removeLast()
            visit(loop.otherwise)
        case .set(let targets, let node):
            visit(node)
            for target in targets where target.field == nil { bound[bound.count - 1].insert(target.name) }
        case .capture(let name, let body):
            visit(body)
            bound[bound.count - 1].insert(name)
        }
    }

    mutating func visit(_ node: Node) {
        switch node.kind {
        case .literal: break
        case .name(let name): if !bound.contains(where: { $0.contains(name) }) { names.insert(name) }
        case .call(let callee, let arguments):
            // A plain name that is called is a function, not a variable.
            if case .name = callee.kind {} else { visit(callee) }
            for child in arguments.nodes { visit(child) }
        default: for child in node.children { visit(child) }
        }
    }
}

extension Node {
    /// The expressions directly within this one.
    var children: [Node] {
        switch kind {
        case .literal, .name: []
        case .list(let items): items
        case .map(let entries): entries.flatMap { [$0.key, $0.value] }
        case .attribute(let base, _), .negative(let base), .positive(let base), .not(let base): [base]
        case .element(let a, let b), .and(let a, let b), .or(let a, let b), .arithmetic(let a, _, let b): [a, b]
        case .slice(let base, let from, let to, let step): [base, from, to, step].compactMap { $0 }
        case .call(let base, let arguments), .filter(let base, _, let arguments), .test(let base, _, let arguments):
            [base] + arguments.nodes
        case .comparison(let first, let rest): [first] + rest.map(\.1)
        case .conditional(let condition, let then, let otherwise): [condition, then, otherwise].compactMap { $0 }
        }
    }
}
