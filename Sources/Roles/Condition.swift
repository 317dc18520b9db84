import Model
import OrderedCollections
import Template

/// A bare Jinja expression of `when`, parsed.
public struct Condition: Sendable {
    public let text: String
    let expression: Expression

    init(_ value: Value) throws(InputErrors) {
        if let holds = value.bool {
            text = holds ? "true" : "false"
        } else if let text = value.string {
            self.text = text
        } else {
            throw InputErrors(
                InputError("when: an expression is needed, not \(value.typeName)", at: value.origin))
        }
        do throws(InputErrors) { expression = try Expression(parsing: text, at: value.origin) } catch {
            guard text.contains("{{") else { throw error }
            throw InputErrors(
                InputError(
                    "a condition is an expression by itself", at: value.origin, hint: "leave '{{' and '}}' away"))
        }
    }
}
