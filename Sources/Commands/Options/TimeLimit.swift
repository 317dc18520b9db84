import ArgumentParser
import Model
import OrderedCollections

/// A time on the command line, written as roles write it: 90s, 5m, 1h, or a number of seconds.
struct TimeLimit: ExpressibleByArgument, Sendable {
    let duration: Duration
    let defaultValueDescription: String

    init(seconds: Int) {
        duration = .seconds(seconds)
        defaultValueDescription = "\(seconds)s"
    }

    init?(argument: String) {
        let field = Field("time", .duration, "")
        guard
            let read = try? Arguments(.map(["time": .string(argument)]), kind: "option", fields: [field])
                .duration("time"), read > .zero
        else { return nil }
        duration = read
        defaultValueDescription = argument
    }
}
