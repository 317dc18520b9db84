import Applier
import ArgumentParser
import Model
import Report

/// What a run does about what stands in its way: nodes that another run holds, a journal that cannot be written.
struct LockOptions: ParsableArguments {
    @Option(
        name: .customLong("lock-timeout"),
        help: ArgumentHelp("How long to wait for a node that another run holds: 90s, 10m.", valueName: "time"))
    var timeout: TimeLimit?

    @Flag(
        name: .customLong("break-lock"),
        help: "Ask whether to take such a node away from its run; with --yes, do it.")
    var breaks = false

    @Flag(
        name: .customLong("need-journal"),
        help: "Without a journal in .kubani/runs, change nothing; lost on the way, stop.")
    var needsJournal = false

    /// - Parameter yes: whether nobody is asked.
    /// - Throws: where there is nobody to ask.
    func policy(_ console: Console, _ narrator: Narrator, yes: Bool) throws(InputErrors) -> LockPolicy {
        var policy = LockPolicy(timeout: timeout?.duration ?? .zero, isGone: { Owner.isGone($0) })
        guard breaks else { return policy }
        if !yes, !console.canAsk {
            throw InputErrors(
                InputError(
                    "--break-lock asks first, and there is no terminal to ask on",
                    hint: "with --yes it takes the node away without asking"))
        }
        let asking = LockBreaking(console: console, narrator: narrator, yes: yes)
        policy.breaks = { host, holder in await asking.agrees(host, holder) }
        return policy
    }
}

/// Asks whether a node is to be taken away from its run; one question at a time.
private actor LockBreaking {
    let console: Console
    let narrator: Narrator
    let yes: Bool

    init(console: Console, narrator: Narrator, yes: Bool) {
        self.console = console
        self.narrator = narrator
        self.yes = yes
    }

    func agrees(_ host: String, _ holder: String) -> Bool {
        if yes { return true }
        return narrator.asking {
            console.confirm(
                """
                \(host) is held by another run: \(holder.printable)
                That run will begin nothing more there; what it runs at this moment goes on to its end, beside yours.
                Take \(host) away from it?
                """)
        }
    }
}
