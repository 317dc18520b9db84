import Model
import OrderedCollections
import Resources
import Template

extension TaskTemplate {
    /// What is wrong with a task's fields whatever the host: unknown keys, missing ones, plain values of a wrong type,
    /// templates that cannot be read.
    static func mistakes(in arguments: Value, kind: any ResourceKind.Type) -> [InputError] {
        var errors: [InputError] = []
        templates(in: arguments, into: &errors)
        let checked = blanked(arguments, fields: kind.fields, shorthand: kind.shorthand)
        do throws(InputErrors) {
            _ = try Arguments(checked, kind: kind.name, fields: checkable(kind.fields), shorthand: kind.shorthand)
        } catch {
            errors += error.errors
        }
        return errors
    }

    private static func templates(in value: Value, into errors: inout [InputError]) {
        switch value.content {
        case .string(let text):
            do throws(InputErrors) { _ = try Template(parsing: text, at: value.origin) } catch {
                errors += error.errors
            }
        case .list(let items): for item in items { templates(in: item, into: &errors) }
        case .map(let entries): for entry in entries.values { templates(in: entry, into: &errors) }
        default: break
        }
    }

    /// Fields whose types cannot be told before rendering are taken as they are.
    private static func checkable(_ fields: [Field]) -> [Field] {
        fields.map { field in
            switch field.kind {
            case .sourceFile, .remoteText, .templateFile, .condition:
                Field(field.name, .any, required: field.isRequired, field.help)
            case .oneOrMany(.condition): Field(field.name, .any, required: field.isRequired, field.help)
            default: field
            }
        }
    }

    /// The value with the fields that hold a template anywhere left to any type.
    private static func blanked(_ value: Value, fields: [Field], shorthand: String?) -> Value {
        guard var entries = value.map else {
            if let shorthand, hasTemplate(value), let field = fields.first(where: { $0.name == shorthand }) {
                return Value(.map([shorthand: sample(field.kind, like: value)]), origin: value.origin)
            }
            return value
        }
        for (name, entry) in entries where hasTemplate(entry) {
            if let field = fields.first(where: { $0.name == name }) { entries[name] = sample(field.kind, like: entry) }
        }
        return Value(.map(entries), origin: value.origin)
    }

    private static func hasTemplate(_ value: Value) -> Bool {
        switch value.content {
        case .string(let text): Template.isNeeded(for: text)
        case .list(let items): items.contains(where: hasTemplate)
        case .map(let entries): entries.values.contains(where: hasTemplate)
        default: false
        }
    }

    /// Some value that the field takes, in the place of one that is not rendered yet.
    private static func sample(_ kind: Field.Kind, like value: Value) -> Value {
        let content: Value.Content =
            switch kind {
            case .string, .script, .credential, .templateFile, .sourceFile, .remoteText, .condition, .any: .string("")
            case .path: .string("/")
            case .mode, .int, .pause: .int(0)
            case .duration: .int(1)
            case .bool: .bool(false)
            case .oneOf(let names): .string(names.first ?? "")
            case .list, .oneOrMany: .list([])
            case .map: .map([:])
            case .record(let fields):
                .map(
                    .init(
                        fields.filter(\.isRequired).map { ($0.name, sample($0.kind, like: value)) },
                        uniquingKeysWith: { a, _ in a }))
            }
        return Value(content, origin: value.origin)
    }
}
