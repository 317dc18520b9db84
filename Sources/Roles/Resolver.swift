import Model
import OrderedCollections
import Resources
import Template

/// Renders one task's values on one host and makes its resource of them. Pure but for the role's own files.
struct Resolver: Sendable {
    let place: TemplateOnHost
    let item: Value?

    /// - Parameter task: which of the host's tasks it is.
    func resolve(_ task: TaskID, _ exports: Exports) -> Resolution {
        place.site.resolutions.resolution(of: .init(task: task, origin: place.template.origin)) {
            let (resolution, isPassing) = Passing.watch { self.resolution(exports) }
            return switch resolution {
            case .resource, .skipped: (resolution, !isPassing)
            case .unknown, .invalid, .failed: (resolution, false)
            }
        }
    }

    private func resolution(_ exports: Exports) -> Resolution {
        let scope = exports.isEmpty ? place.scope(item: item) : scope(with: exports)
        do throws(InputErrors) {
            for condition in place.role.conditions + place.template.conditions {
                switch try condition.expression.isTrue(in: scope) {
                case .yes: continue
                case .no: return .skipped("when: \(condition.text)")
                case .unknown(let unknown): return .unknown(unknown)
                }
            }
            let arguments = try rendered(in: scope)
            for url in arguments.unknowns.flatMap(\.texts) {
                if case .failure(let failure)? = place.site.texts[url] { return .failed(failure) }
            }
            if let first = arguments.unknowns.first {
                return .unknown(arguments.unknowns.dropFirst().reduce(first) { $0.and($1) })
            }
            let secrecy = Secrecy(of: arguments, isSensitive: isSensitive(arguments))
            do throws(InputErrors) {
                return .resource(try resource(place.template.kind, arguments), secrecy: secrecy)
            } catch {
                return .invalid(secrecy.shown(error))
            }
        } catch {
            return .invalid(error)
        }
    }

    /// Whether its conditions cannot be decided without facts or exports.
    @Sendable func isConditional() -> Bool {
        let scope = place.scope(item: item)
        for condition in place.role.conditions + place.template.conditions {
            switch try? condition.expression.isTrue(in: scope) {
            case .yes: continue
            case .unknown: return true
            case .no, nil: return false
            }
        }
        return false
    }

    /// Whether any of what is made is secret; what only lets kubani in is not made.
    private func isSensitive(_ arguments: Value) -> Bool {
        guard let entries = arguments.map else { return arguments.containsSensitive }
        if arguments.isSensitive { return true }
        return entries.contains { name, value in
            let field = place.template.kind.fields.first { $0.name == name }
            return field?.kind != .credential && value.containsSensitive
        }
    }

    private func scope(with exports: Exports) -> OverlaidScope {
        TemplateOnHost.scope(
            place.site.scope(
                host: place.host, role: place.role.name, defaults: place.role.defaults, exports: exports),
            item: item)
    }

    private func resource<Kind: ResourceKind>(
        _ kind: Kind.Type, _ value: Value
    ) throws(InputErrors) -> any ResourceKind {
        let resource = try Kind(
            try Arguments(value, kind: kind.name, fields: kind.fields, shorthand: kind.shorthand))
        if !resource.canTellBeforehand, !place.role.handlers.contains(where: { $0.origin == place.template.origin }) {
            throw InputErrors(
                InputError(
                    "\(kind.name): nothing tells beforehand whether it has to be done", at: place.template.origin,
                    hint: kind.fields.contains { $0.name == "unless" }
                        ? "give it creates, unless or check, or make it a handler" : "make it a handler"))
        }
        try SiteAddresses(site: place.site, role: place.role, host: place.host)
            .admit(resource, at: place.template.origin)
        return resource
    }

    private func rendered(in scope: OverlaidScope) throws(InputErrors) -> Value {
        let kind = place.template.kind
        guard let entries = place.template.arguments.map else {
            let field = kind.fields.first { $0.name == kind.shorthand }
            return try rendered(place.template.arguments, as: field?.kind ?? .any, in: scope)
        }
        var out: OrderedDictionary<String, Value> = [:]
        for (name, value) in entries {
            let field = kind.fields.first { $0.name == name }
            out[name] = try rendered(value, as: field?.kind ?? .any, in: scope)
        }
        return Value(.map(out), origin: place.template.arguments.origin)
    }

    private func rendered(_ value: Value, as kind: Field.Kind, in scope: OverlaidScope) throws(InputErrors) -> Value {
        switch kind {
        case .condition: return try condition(value, in: scope)
        case .oneOrMany(.condition):
            var items: [Value] = []
            for item in value.list ?? [value] {
                items.append(try condition(item.at(item.origin ?? value.origin), in: scope))
            }
            return Value(.list(items), origin: value.origin)
        case .templateFile:
            guard let name = try render(value, in: scope, cache: place.site.templates).string else { return value }
            return try RoleFiles.template(name, of: place.role, at: value.origin).renderText(in: scope).at(value.origin)
        case .sourceFile:
            guard let name = try render(value, in: scope, cache: place.site.templates).string else { return value }
            return try RoleFiles.source(name, of: place.role, at: value.origin)
        case .remoteText:
            let url = try render(value, in: scope, cache: place.site.templates)
            return url.string.map { remoteText($0, like: url) } ?? url
        default: return try render(value, in: scope, cache: place.site.templates)
        }
    }

    private func remoteText(_ url: String, like value: Value) -> Value {
        guard case .success(let text)? = place.site.texts[url] else {
            let shown = value.containsSensitive ? "a text of the network" : SecretText.masked(url)
            return Value(.unknown(Unknown(because: "\(shown), which is not fetched yet", texts: [url])))
        }
        return Value(.map(["url": value, "text": .string(text)]), origin: value.origin)
    }

    private func condition(_ value: Value, in scope: OverlaidScope) throws(InputErrors) -> Value {
        let condition = try Condition(value)
        switch try condition.expression.isTrue(in: scope) {
        case .yes: return .map(["text": .string(condition.text), "holds": true])
        case .no: return .map(["text": .string(condition.text), "holds": false])
        case .unknown(let unknown): return .unknown(unknown)
        }
    }

    /// An export whose script cannot be rendered without facts is read later, with the task's other values.
    func export(_ export: ExportTemplate) -> Export? {
        let scope = place.scope(item: item)
        guard let script = try? render(export.read, in: scope, cache: place.site.templates).string else { return nil }
        let file = try? export.file.map { file throws(InputErrors) in
            try render(file, in: scope, cache: place.site.templates)
        }
        return Export(
            host: place.host, name: export.name, read: Script(written: script), isSensitive: export.isSensitive,
            file: file?.string)
    }
}

extension Secrecy {
    /// What is wrong with a task's values, without what is secret of them.
    fileprivate func shown(_ errors: InputErrors) -> InputErrors {
        InputErrors(
            errors.errors.map { error in
                var error = error
                error.message = shown(error.message)
                error.hint = error.hint.map { shown($0) }
                return error
            })
    }
}
