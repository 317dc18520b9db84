import Model
import OrderedCollections

extension Evaluator {
    func call(_ node: Node, _ callee: Node, _ arguments: CallArguments) throws(InputErrors) -> Operand {
        switch callee.kind {
        case .name(let name):
            guard let function = Functions.all[name] else { throw unknownFunction(name, at: callee) }
            let call = try bind(function.signature, name, arguments, at: node)
            if let unknown = Unknown.all(call.everything) { return .value(.unknown(unknown)) }
            let isSensitive = call.everything.contains { $0.containsSensitive }
            return .value(try function.apply(call).sensitive(isSensitive))
        case .attribute(let base, let name):
            let receiver = try value(base)
            if receiver.isUnknown != nil { return .value(receiver) }
            return try method(name, of: receiver, arguments, at: callee)
        default:
            throw error("this cannot be called", at: node)
        }
    }

    private func unknownFunction(_ name: String, at node: Node) -> InputErrors {
        if ["lookup", "query", "q"].contains(name) {
            return error(
                "'\(name)' is not supported: a template reads nothing but its variables", at: node,
                hint: "put the value into a variable, or a task's export")
        }
        if Filters.all[name] != nil {
            return error("'\(name)' is a filter, not a function", at: node, hint: "write: value | \(name)")
        }
        let near = nearestName(to: name, among: Functions.all.keys)
        return error("unknown function '\(name)'", at: node, hint: near.map { "did you mean '\($0)'?" })
    }

    private func method(
        _ name: String, of receiver: Value, _ arguments: CallArguments, at node: Node
    ) throws(InputErrors) -> Operand {
        let table = Methods.table(for: receiver)
        guard let method = table[name] else {
            let near = nearestName(to: name, among: table.keys)
            throw error(
                "\(receiver.typeName) has no method '\(name)'", at: node, hint: near.map { "did you mean '\($0)'?" })
        }
        var call = try bind(method.signature, name, arguments, at: node)
        call.input = receiver
        return try applied(method, to: call)
    }

    func filter(
        _ node: Node, _ base: Node, _ name: String, _ arguments: CallArguments
    ) throws(InputErrors) -> Operand {
        guard let filter = Filters.all[name] else { throw unknownFilter(name, at: node) }
        let input = try operand(base)
        var call = try bind(filter.signature, name, arguments, at: node)
        switch input {
        case .value(let value): call.input = value
        case .undefined(let errors):
            guard filter.takesUndefined else { throw errors }
            call.undefined = errors
        }
        return try applied(filter, to: call)
    }

    func unknownFilter(_ name: String, at node: Node) -> InputErrors {
        source.unknown("filter", name, among: Filters.all.keys, at: node.at)
    }

    /// Runs a filter or method, and carries secrecy and not-yet-known through it.
    func applied(_ filter: Filter, to call: Call) throws(InputErrors) -> Operand {
        switch filter.carries {
        case .chosen: return try filter.apply(call)
        case .parts:
            if let unknown = call.everything.lazy.compactMap(\.isUnknown).first { return .value(.unknown(unknown)) }
            return try filter.apply(call).sensitive(call.everything.contains { $0.isSensitive })
        case .order:
            if let unknown = Unknown.all(call.everything) { return .value(.unknown(unknown)) }
            return try filter.apply(call).sensitive(call.everything.contains { $0.isSensitive })
        case .whole:
            if let unknown = Unknown.all(call.everything) { return .value(.unknown(unknown)) }
            return try filter.apply(call).sensitive(call.everything.contains { $0.containsSensitive })
        }
    }

    func test(_ node: Node, _ base: Node, _ name: String, _ arguments: CallArguments) throws(InputErrors) -> Value {
        switch name {
        case "defined", "undefined":
            let isDefined = if case .value = try operand(base) { true } else { false }
            return .bool(isDefined == (name == "defined"))
        default:
            guard let test = Tests.all[name] else { throw unknownTest(name, at: node) }
            var call = try bind(test.signature, name, arguments, at: node)
            call.input = try value(base)
            return try tested(test, call)
        }
    }

    func unknownTest(_ name: String, at node: Node) -> InputErrors {
        source.unknown("test", name, among: Array(Tests.all.keys) + Tests.ofExistence, at: node.at)
    }

    func tested(_ test: Test, _ call: Call) throws(InputErrors) -> Value {
        let unknown =
            test.looksInside ? Unknown.all(call.everything) : call.everything.lazy.compactMap(\.isUnknown).first
        if let unknown { return .unknown(unknown) }
        return .bool(try test.holds(call))
    }

    /// Brings arguments to a signature's names.
    func bind(
        _ signature: Signature, _ name: String, _ arguments: CallArguments, at node: Node
    ) throws(InputErrors) -> Call {
        var positional: [Value] = []
        for argument in arguments.positional { positional.append(try value(argument)) }
        var keywords: OrderedDictionary<String, Value> = [:]
        for (keyword, argument) in arguments.keywords {
            guard keywords[keyword] == nil else { throw error("'\(keyword)' is given twice", at: argument) }
            keywords[keyword] = try value(argument)
        }
        return try bind(signature, name, positional, keywords, at: node)
    }

    func bind(
        _ signature: Signature, _ name: String, _ positional: [Value], _ keywords: OrderedDictionary<String, Value>,
        at node: Node
    ) throws(InputErrors) -> Call {
        var call = Call(name: name, evaluator: self, node: node)
        for (i, value) in positional.enumerated() {
            if i < signature.parameters.count {
                call.named[signature.parameters[i]] = value
            } else if signature.takesMore {
                call.rest.append(value)
            } else {
                throw error(
                    "'\(name)' takes \(signature.parameters.count) arguments at the most, not \(positional.count)",
                    at: node)
            }
        }
        for (keyword, value) in keywords {
            guard
                signature.parameters.contains(keyword) || signature.keywords.contains(keyword)
                    || signature.takesAnyKeyword
            else {
                let near = nearestName(to: keyword, among: signature.parameters + signature.keywords)
                throw error(
                    "'\(name)' has no argument '\(keyword)'", at: node, hint: near.map { "did you mean '\($0)'?" })
            }
            guard call.named[keyword] == nil else { throw error("'\(keyword)' is given twice", at: node) }
            call.named[keyword] = value
        }
        for parameter in signature.parameters.prefix(signature.required) where call.named[parameter] == nil {
            throw error("'\(name)' needs the argument '\(parameter)'", at: node)
        }
        return call
    }
}

extension Operand {
    func sensitive(_ mark: Bool) -> Operand {
        if mark, case .value(let value) = self { return .value(value.sensitive()) }
        return self
    }
}
