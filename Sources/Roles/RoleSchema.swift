import Model
import OrderedCollections
import Resources

/// The JSON Schema of `role.yml`, made from the same lists that roles are checked by; editors complete by it.
public enum RoleSchema {
    public static var value: Value {
        [
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": "A kubani role",
            "type": "object",
            "additionalProperties": false,
            "required": ["role", "hosts", "tasks"],
            "properties": [
                "role": text("The role's name, as its folder's."),
                "summary": text("One sentence on what it does."),
                "hosts": text("An Ansible host pattern: a group, or all."),
                "after": texts("Roles whose tasks come first on the same host."),
                "consults": text(
                    "A host pattern: hosts that are looked at for their facts and exports even where the run is limited to others."
                ),
                "on_demand": described(["type": "boolean"], "Whether only a command that asks for it runs it."),
                "tags": texts("Tags of all its tasks."),
                "when": condition,
                "rolling": described(
                    ["type": ["integer", "string"]], "How many hosts at a time go through the role."),
                "ahead": described(condition, "Where these hold, a host does not wait for its turn in a rolling role."),
                "defaults": object("Variables that the inventory may override."),
                "tasks": ["type": "array", "items": task(isHandler: false)],
                "handlers": ["type": "array", "items": task(isHandler: true)],
            ],
        ]
    }

    private static func task(isHandler: Bool) -> Value {
        var properties: OrderedDictionary<String, Value> = [
            "name": text("What the task is for, in a few words."),
            "when": condition,
            "tags": texts("Tags to choose it by."),
            "notify": texts("Handlers that run when this task changes something."),
            "retries": whole("How often it is tried again after a failure."),
            "delay": duration("How long to wait before it is tried again."),
            "timeout": duration("How long each of its steps may take."),
            "ignore_errors": described(["type": "boolean"], "Whether the run goes on below it when it fails."),
        ]
        if !isHandler {
            properties["for_each"] = described(
                ["type": ["array", "object", "string"]], "A list or map: the task is there once for each, as item.")
            properties["rolling"] = whole("How many hosts at a time may run it.")
            properties["ahead"] = described(
                condition, "Where these hold, it does not wait for its host's turn in a rolling role.")
            properties["export"] = described(
                [
                    "type": "object",
                    "additionalProperties": [
                        "type": "object", "additionalProperties": false, "required": ["read"],
                        "properties": [
                            "read": text("A script that prints the value."),
                            "file": text("The file that the value comes from: other changes do not change it."),
                            "sensitive": described(["type": "boolean"], "Whether it is a secret."),
                        ],
                    ],
                ], "Values found here and handed to tasks on other hosts.")
        }
        for kind in catalog { properties[kind.name] = schema(of: kind) }
        return [
            "type": "object", "additionalProperties": false, "required": ["name"], "properties": .map(properties),
            "oneOf": .list(catalog.map { ["required": [.string($0.name)]] }),
        ]
    }

    private static func schema(of kind: any ResourceKind.Type) -> Value {
        let whole = described(record(kind.fields), kind.summary)
        guard let shorthand = kind.fields.first(where: { $0.name == kind.shorthand }) else { return whole }
        return ["description": .string(kind.summary), "anyOf": [whole, schema(of: shorthand.kind)]]
    }

    private static func record(_ fields: [Field]) -> Value {
        var properties: OrderedDictionary<String, Value> = [:]
        for field in fields { properties[field.name] = described(schema(of: field.kind), field.help) }
        var record: OrderedDictionary<String, Value> = [
            "type": "object", "additionalProperties": false, "properties": .map(properties),
        ]
        let required = fields.filter(\.isRequired).map { Value.string($0.name) }
        if !required.isEmpty { record["required"] = .list(required) }
        return .map(record)
    }

    /// Every field may also be a template, which is text.
    private static func schema(of kind: Field.Kind) -> Value {
        switch kind {
        case .string, .path, .script, .credential, .templateFile, .sourceFile, .remoteText:
            ["type": ["string", "number", "boolean"]]
        case .condition: ["type": ["string", "boolean"]]
        case .mode, .int, .duration, .pause: ["type": ["integer", "string"]]
        case .bool: ["type": ["boolean", "string"]]
        case .oneOf(let names): ["anyOf": [["enum": .list(names.map { .string($0) })], template]]
        case .list(let element): ["anyOf": [["type": "array", "items": schema(of: element)], template]]
        case .oneOrMany(let element):
            ["anyOf": [schema(of: element), ["type": "array", "items": schema(of: element)]]]
        case .map(let element): ["anyOf": [["type": "object", "additionalProperties": schema(of: element)], template]]
        case .record(let fields): record(fields)
        case .any: [:]
        }
    }

    private static let template: Value = ["type": "string", "pattern": "\\{[{%]"]
    private static let condition: Value = [
        "description": "Jinja expressions that must all hold.",
        "type": ["string", "boolean", "array"], "items": ["type": ["string", "boolean"]],
    ]

    private static func described(_ schema: Value, _ text: String) -> Value {
        guard var entries = schema.map else { return schema }
        entries["description"] = .string(text)
        return .map(entries)
    }

    private static func text(_ help: String) -> Value { described(["type": "string"], help) }
    private static func whole(_ help: String) -> Value { described(["type": "integer", "minimum": 0], help) }
    private static func duration(_ help: String) -> Value { described(["type": ["integer", "string"]], help) }
    private static func object(_ help: String) -> Value { described(["type": "object"], help) }
    private static func texts(_ help: String) -> Value {
        described(["anyOf": [["type": "string"], ["type": "array", "items": ["type": "string"]]]], help)
    }
}
