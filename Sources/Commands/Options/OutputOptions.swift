import ArgumentParser

/// How much is said, and in which form.
struct OutputOptions: ParsableArguments {
    @Flag(
        name: .shortAndLong,
        help: "Say more: -v unchanged tasks, -vv what scripts print, -vvv commands and round trips.")
    var verbose: Int

    @Flag(name: .long, help: "JSON instead of text.")
    var json = false
}
