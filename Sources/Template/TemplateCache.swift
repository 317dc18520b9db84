import Model
import Synchronization

/// Parsed templates by their text and place, for the values that are rendered over and over: for every host, say.
public final class TemplateCache: Sendable {
    private struct Key: Hashable {
        let text: String
        let origin: Origin?
        let isSensitive: Bool
    }

    /// The lock guards the parsed templates.
    private let parsed = Mutex<[Key: Template]>([:])

    public init() {}

    public func template(
        parsing text: String, at origin: Origin? = nil, isSensitive: Bool = false
    ) throws(InputErrors) -> Template {
        let key = Key(text: text, origin: origin, isSensitive: isSensitive)
        if let known = parsed.withLock({ $0[key] }) { return known }
        let template = try Template(parsing: text, at: origin, isSensitive: isSensitive)
        parsed.withLock { $0[key] = template }
        return template
    }
}
