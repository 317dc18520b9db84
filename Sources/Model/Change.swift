/// What kind of change it is; the raw value is its sign in a plan.
public enum Action: Character, Sendable, Hashable, CaseIterable {
    case create = "+"
    case update = "~"
    case delete = "-"
    /// Runs a command, or restarts something, with no state of its own to compare.
    case run = "!"
    /// Waits for something to come true.
    case wait = "…"

    /// The sign's name, for JSON.
    public var name: String {
        switch self {
        case .create: "create"
        case .update: "update"
        case .delete: "delete"
        case .run: "run"
        case .wait: "wait"
        }
    }
}

/// A difference between a node and what is desired, with the steps that remove it.
public struct Change: Sendable, Hashable {
    public var action: Action
    /// The differences, one attribute each, for people.
    public var details: [Detail]
    /// What makes it so, in order; an earlier failure cancels the rest.
    public var steps: [Step]
    /// What begins anew by it, with whatever there was to be read before: a unit that is started. Who was to be
    /// restarted for something older need not be any more.
    public var begins: [Effect]

    public init(_ action: Action, details: [Detail] = [], steps: [Step], begins: [Effect] = []) {
        self.action = action
        self.details = details
        self.steps = steps
        self.begins = begins
    }
}

extension Change {
    /// Whether a secret is part of it: its scripts and what they print are not shown then.
    public var isSensitive: Bool {
        details.contains { detail in
            switch detail {
            case .attribute(_, let from, let to), .text(_, let from, let to):
                from?.isSensitive == true || to?.isSensitive == true
            case .diff, .note: false
            }
        }
    }
}

/// One line or block of a plan: an attribute and how it changes.
public enum Detail: Sendable, Hashable {
    /// `mode: 0644 → 0600`; nil on the left for something new, on the right for something gone.
    case attribute(String, from: Shown?, to: Shown?)
    /// A text that changes, shown as a unified diff; nil for a text that is not there.
    case text(String, from: Shown?, to: Shown?)
    /// A text of which only the unified diff is known: as a saved plan has it.
    case diff(String, String)
    case note(String)
}

/// A text for people that hides itself when it is secret.
public struct Shown: Sendable, Hashable, CustomStringConvertible, CustomReflectable, ExpressibleByStringLiteral {
    private let text: String
    public let isSensitive: Bool

    public init(_ text: String, isSensitive: Bool = false) {
        self.text = text
        self.isSensitive = isSensitive
    }
    public init(stringLiteral value: String) { self.init(value) }

    /// The text itself, for what compares it and shows it to nobody.
    public var revealed: String { text }

    public var description: String { isSensitive ? "(sensitive)" : text }
    public var customMirror: Mirror { Mirror(self, children: [("text", description)]) }
}

/// What comparing found with desired gives.
public enum Difference: Sendable, Hashable {
    /// As desired, and why, in a few words: "present, 0644 root:root".
    case none(String)
    case change(Change)
    /// Not as desired, and nothing kubani may change: an assert.
    case fails(cause: String, hint: String?)
    /// As `fails`, but the run goes on.
    case warns(String)

    public var isFailure: Bool { if case .fails = self { true } else { false } }
}
