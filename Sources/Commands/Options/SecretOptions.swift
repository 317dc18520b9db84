import ArgumentParser

/// Whether what nobody else may read is shown.
struct SecretOptions: ParsableArguments {
    @Flag(
        name: .customLong("show-secrets"),
        help: "Show what changes of secrets and private files, here and in no journal or saved plan.")
    var showSecrets = false
}
