import Model

/// What one evaluation, and all that it sets off in scopes, has in common: how deep it is, and which variables it is
/// in the midst of. Evaluation is synchronous, so a context stays on the one thread that made it; that is the guard of
/// its unchecked sendability.
final class EvaluationContext: @unchecked Sendable {
    /// Levels of expressions, those of variables within variables together: what bounds the use of the stack.
    static let deepest = 400
    static let mostNestedVariables = 40

    var depth = 0
    /// The variables being evaluated, outermost first: whose they are and what they are called.
    var variables: [(owner: ObjectIdentifier, name: String, shown: String)] = []
    /// Whether something was asked for that may come out otherwise later: see `Passing`.
    var isPassing = false

    @TaskLocal static var current: EvaluationContext?

    /// Runs `body` in the context of the evaluation that is under way, or in a new one.
    static func with<R, Error>(_ body: (EvaluationContext) throws(Error) -> R) throws(Error) -> R {
        if let current { return try body(current) }
        let context = EvaluationContext()
        let result: Result<R, Error> = $current.withValue(context) {
            do throws(Error) { return .success(try body(context)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
