import ArgumentParser
import Model
import OrderedCollections

/// How nodes are upgraded, where the release is another one.
struct UpgradeOptions: ParsableArguments {
    @Flag(name: .customLong("no-drain"), help: "Leave pods where they are when a node's k3s is upgraded.")
    var noDrain = false

    @Flag(
        name: .customLong("skip-unreachable"),
        help: "Let an upgrade of k3s leave behind nodes that cannot be reached.")
    var skipUnreachable = false

    /// What they set, above the inventory.
    var variables: OrderedDictionary<String, Value> {
        var variables: OrderedDictionary<String, Value> = [:]
        if noDrain { variables["upgrade_drain"] = false }
        if skipUnreachable { variables["skip_unreachable"] = true }
        return variables
    }
}
