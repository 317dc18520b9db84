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
    /// Roles whose tasks come first on the same host.
    public var after: [String]
    public var defaults: OrderedDictionary<String, Value>
    public var tags: [String]
    public var conditions: [Condition]
    public var rolling: Int?
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
    public var origin: Origin
}

public struct ExportTemplate: Sendable {
    public var name: String
    /// The script that prints it, a template.
    public var read: Value
    public var isSensitive: Bool
}
