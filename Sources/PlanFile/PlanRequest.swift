import Model
import OrderedCollections

/// What a saved plan was asked for, so that it can be planned again for the very same.
public struct PlanRequest: Sendable, Hashable {
    /// An `--extra-vars` argument.
    public enum Variables: Sendable, Hashable {
        /// As it was typed.
        case given(String)
        /// One that holds a secret: it is not in the file and has to be given again; its seal tells whether it is the same.
        case withheld(seal: String)
    }

    /// The inventory's absolute path.
    public var inventory: String
    public var limit: String?
    public var tags: [String]
    public var skipTags: [String]
    /// The absolute paths of the folders of roles.
    public var roles: [String]
    public var extraVars: [Variables]
    /// What options of the command itself set, above those.
    public var variables: OrderedDictionary<String, Value>

    public init(
        inventory: String, limit: String? = nil, tags: [String] = [], skipTags: [String] = [], roles: [String] = [],
        extraVars: [Variables] = [], variables: OrderedDictionary<String, Value> = [:]
    ) {
        self.inventory = inventory
        self.limit = limit
        self.tags = tags
        self.skipTags = skipTags
        self.roles = roles
        self.extraVars = extraVars
        self.variables = variables
    }

    /// Whether secrets have to be given again.
    public var withholds: Bool {
        extraVars.contains { if case .withheld = $0 { true } else { false } }
    }
}
