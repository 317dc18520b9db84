import Model
import OrderedCollections

/// A role as written in `roles/NAME/role.yml`, checked, its templates not yet rendered.
public struct Role: Sendable {
    public var name: String
    /// One sentence.
    public var summary: String
    /// The role's folder, with `role.yml`, `templates/` and `files/`.
    public var folder: String
    /// An Ansible host pattern.
    public var hosts: String
    public var hostsOrigin: Origin?
    /// Roles whose tasks come first on the same host.
    public var after: [String]
    /// A host pattern: hosts whose facts and exports its tasks use. They are looked at even where `--limit` leaves them out.
    public var consults: String?
    /// Whether only a command that asks for it runs it, and no plan of the whole has it.
    public var isOnDemand: Bool
    public var defaults: OrderedDictionary<String, Value>
    public var tags: [String]
    public var conditions: [Condition]
    /// How many hosts at a time go through the role: a whole number, or a template of one.
    public var rolling: Value?
    /// Where all of these hold, a host does not wait for its turn in a rolling role, nor does another wait for it.
    public var ahead: [Condition]
    public var tasks: [TaskTemplate]
    public var handlers: [TaskTemplate]
    public var origin: Origin
}

/// A task or handler of a role, before it meets a host.
public struct TaskTemplate: Sendable {
    public var name: Value
    public var kind: any ResourceKind.Type
    /// The kind's fields as written.
    public var arguments: Value
    public var conditions: [Condition]
    /// A list or map, or a template of one; the task is there once for each of its items, as `item`.
    public var forEach: Value?
    public var tags: [String]
    public var notify: [String]
    public var exports: [ExportTemplate]
    public var retry: Retry
    public var timeout: Duration?
    public var ignoresErrors: Bool
    public var rolling: Int?
    /// Where all of these hold, the task does not wait for its host's turn in a rolling role.
    public var ahead: [Condition]
    public var origin: Origin
}

public struct ExportTemplate: Sendable {
    public var name: String
    /// The script that prints it, a template.
    public var read: Value
    public var isSensitive: Bool
    /// The file that the value comes from, a template; nil where that is not said.
    public var file: Value?
}
