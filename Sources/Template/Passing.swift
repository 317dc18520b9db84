import Model

/// Tells what is evaluated once and for all from what hangs on something that is read on the way: a host's facts, what
/// tasks export. A scope that gives such a value notes it; whoever keeps a result asks.
public enum Passing {
    /// Notes, for the evaluation that is under way, that what it makes may come out otherwise later.
    public static func note() { EvaluationContext.current?.isPassing = true }

    /// What the body gives, and whether anything in it was noted. For the evaluation around it, it is noted too.
    public static func watch<R, Error>(
        _ body: () throws(Error) -> R
    ) throws(Error) -> (result: R, isPassing: Bool) {
        try EvaluationContext.with { (context) throws(Error) in
            let before = context.isPassing
            context.isPassing = false
            defer { context.isPassing = context.isPassing || before }
            let result = try body()
            return (result, context.isPassing)
        }
    }
}
