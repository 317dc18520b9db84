import Model
import OrderedCollections

extension Evaluator {
    /// A name with the attributes and indices after it, looked up as one path so that the scope can be lazy.
    func path(_ node: Node) throws(InputErrors) -> Operand {
        var steps: [Node] = []
        var base = node
        loop: while true {
            switch base.kind {
            case .attribute(let inner, _), .element(let inner, _):
                steps.append(base)
                base = inner
            default: break loop
            }
        }
        steps.reverse()
        guard case .name(let name) = base.kind else { return try follow(try operand(base), steps[...]) }
        if let local = local(name) { return try follow(.value(local), steps[...]) }

        var path: [Value] = [.string(name)]
        path.reserveCapacity(steps.count + 1)
        for step in steps {
            let key = try key(of: step)
            if key.isUnknown != nil { break }
            path.append(key)
        }
        let found: (value: Value, consumed: Int)?
        do throws(InputErrors) { found = try scope.resolve(path) } catch {
            throw error.placed(at: source.origin(at: base.at))
        }
        guard let (value, consumed) = found else { return .undefined(undefined(name, at: base)) }
        return try follow(.value(value), steps[(max(1, consumed) - 1)...], known: path.dropFirst(max(1, consumed)))
    }

    func local(_ name: String) -> Value? {
        for frame in locals.reversed() { if let value = frame[name] { return value } }
        return nil
    }

    private func key(of step: Node) throws(InputErrors) -> Value {
        switch step.kind {
        case .attribute(_, let name): return .string(name)
        case .element(_, let key): return try value(key)
        default: return .null
        }
    }

    /// - Parameter known: the first steps' keys, where they are evaluated already.
    private func follow(
        _ start: Operand, _ steps: ArraySlice<Node>, known: ArraySlice<Value> = []
    ) throws(InputErrors) -> Operand {
        var result = start
        var known = known
        for step in steps {
            // What is undefined stays so, whatever is asked of it, as Ansible has it: `a.b.c | default(…)`.
            guard case .value(let value) = result else { return result }
            if let key = known.popFirst() {
                result = member(of: value, key, at: step)
            } else {
                result = member(of: value, try key(of: step), at: step)
            }
        }
        return result
    }

    /// The entry of a map, or the item or scalar at an index.
    func member(of base: Value, _ key: Value, at node: Node) -> Operand {
        if let unknown = base.isUnknown ?? key.isUnknown { return .value(.unknown(unknown)) }
        let isSensitive = base.isSensitive || key.isSensitive
        switch base.content {
        case .map(let entries):
            if let name = Self.key(key), let value = entries[name] { return .value(value.sensitive(isSensitive)) }
            guard !isSensitive, let name = Self.key(key) else {
                return .undefined(error("the map has no such key", at: node))
            }
            let near = nearestName(to: name, among: entries.keys).map { "did you mean '\($0)'?" }
            return .undefined(error("the map has no key '\(name)'", at: node, hint: near))
        case .list(let items):
            guard let index = PythonOrder.integer(key) else { break }
            if let i = Self.index(index, in: items.count) { return .value(items[i].sensitive(isSensitive)) }
            let count = items.count == 1 ? "1 item" : "\(items.count) items"
            return .undefined(error("the list has no item \(index): it has \(count)", at: node))
        case .string(let text):
            guard let index = PythonOrder.integer(key) else { break }
            let scalars = Array(text.unicodeScalars)
            if let i = Self.index(index, in: scalars.count) {
                return .value(Value(.string(String(scalars[i])), isSensitive: isSensitive))
            }
            return .undefined(error("the text has no character \(index)", at: node))
        default: break
        }
        let name = key.string.map { key.isSensitive ? "" : " '\($0)'" } ?? ""
        return .undefined(error("\(base.typeName) has no attribute\(name)", at: node))
    }

    private static func index(_ index: Int, in count: Int) -> Int? {
        let i = index < 0 ? index + count : index
        return (0..<count).contains(i) ? i : nil
    }

    func undefined(_ name: String, at node: Node) -> InputErrors {
        let names = scope.knownNames + locals.flatMap(\.keys)
        let near = nearestName(to: name, among: names)
        return error("'\(name)' is undefined", at: node, hint: near.map { "did you mean '\($0)'?" })
    }

    /// `base[from:to:step]`.
    func slice(_ node: Node, _ base: Value, _ bounds: [Value?]) throws(InputErrors) -> Value {
        for value in [base] + bounds.compactMap({ $0 }) { if value.isUnknown != nil { return value } }
        var numbers: [Int?] = []
        for bound in bounds {
            guard let bound, !bound.isNull else {
                numbers.append(nil)
                continue
            }
            guard let number = PythonOrder.integer(bound) else {
                throw error("a slice needs whole numbers, not \(bound.typeName)", at: node)
            }
            numbers.append(number)
        }
        let step = numbers[2] ?? 1
        guard step != 0 else { throw error("a slice's step cannot be 0", at: node) }
        func picked<T>(_ items: [T]) -> [T] {
            Self.indices(items.count, numbers[0], numbers[1], step).map { items[$0] }
        }
        switch base.content {
        case .list(let items): return Value(.list(picked(items)), isSensitive: base.isSensitive)
        case .string(let text):
            return Value(
                .string(PythonString.join(picked(Array(text.unicodeScalars)))), isSensitive: base.isSensitive)
        default: throw error("a slice needs a list or text, not \(base.typeName)", at: node)
        }
    }

    private static func indices(_ count: Int, _ from: Int?, _ to: Int?, _ step: Int) -> [Int] {
        let (low, high) = step > 0 ? (0, count) : (-1, count - 1)
        func clamped(_ bound: Int?, _ absent: Int) -> Int {
            guard let bound else { return absent }
            return min(max(bound < 0 ? bound.addingReportingOverflow(count).partialValue : bound, low), high)
        }
        let start = clamped(from, step > 0 ? low : high)
        let end = clamped(to, step > 0 ? high : low)
        // A step beyond the length takes one item at the most.
        let stride = min(max(step, -count - 1), count + 1)
        return Array(Swift.stride(from: start, to: end, by: stride))
    }
}
