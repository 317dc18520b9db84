import ArgumentParser

/// Whether a change is written, and how it is told.
struct EditOptions: ParsableArguments {
    @Flag(
        name: [.customShort("C"), .customLong("check"), .customLong("dry-run")],
        help: "Only show the change; write nothing.")
    var check = false

    @Flag(name: .long, help: "JSON instead of text.") var json = false
}
