import OrderedCollections

/// A machine of the inventory: its name and its merged variables, templates not yet rendered.
public struct Host: Sendable, Hashable {
    /// Its name in the inventory (`inventory_hostname`).
    public var name: String
    /// The groups it is in, parents too, sorted; without `all` and `ungrouped`.
    public var groups: [String]
    public var variables: OrderedDictionary<String, Value>

    public init(name: String, groups: [String] = [], variables: OrderedDictionary<String, Value> = [:]) {
        self.name = name
        self.groups = groups
        self.variables = variables
    }
}
