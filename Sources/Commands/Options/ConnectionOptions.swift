import ArgumentParser
import Model

/// How to reach the hosts.
struct ConnectionOptions: ParsableArguments {
    @Option(name: [.short, .long], help: ArgumentHelp("How many hosts are connected to at once.", valueName: "n"))
    var forks = 32

    @Option(
        name: .customLong("connect-timeout"),
        help: ArgumentHelp("How long a host may take to let us in, in seconds.", valueName: "s"))
    var connectTimeout = 20

    /// The way to a host by SSH.
    enum Transport: String, ExpressibleByArgument, CaseIterable { case libssh2, openssh }

    @Option(
        name: .long,
        help: ArgumentHelp(
            "libssh2, or openssh: your own ssh, with all it can do. (default: kubani_transport, or libssh2)",
            valueName: "way"))
    var transport: Transport?

    @Flag(
        name: .customLong("accept-new-host-keys"),
        help: "Trust, and remember, the key of a host that known_hosts does not name.")
    var acceptNewHostKeys = false

    @Flag(name: [.customShort("k"), .customLong("ask-pass")], help: "Ask for the SSH password.")
    var askPass = false

    @Flag(name: [.customShort("K"), .customLong("ask-become-pass")], help: "Ask for the sudo password.")
    var askBecomePass = false

    /// Whether a password is to be asked for.
    var asks: Bool { askPass || askBecomePass }

    /// - Throws: where a password is to be asked for, and there is no terminal.
    func refuseToAskNobody(_ console: Console) throws(InputErrors) {
        guard asks, !console.canAsk else { return }
        throw InputErrors(
            InputError("there is no terminal to ask for a password on", hint: "run it on one, without --ask-…pass"))
    }

    mutating func validate() throws {
        if forks < 1 { throw ValidationError("--forks needs a number from 1") }
        if connectTimeout < 1 { throw ValidationError("--connect-timeout needs a number of seconds from 1") }
    }
}
