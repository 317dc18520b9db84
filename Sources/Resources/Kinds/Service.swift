import Model
import OrderedCollections

/// A systemd unit: its file, its drop-ins, whether it starts at boot and whether it runs now.
public struct Service: ShellKind {
    public static let name = "service"
    public static let summary = """
        Keeps a systemd unit as it should be: its unit file and drop-ins, enabled or not, running or not. systemd is \
        told of changed files, and a running service whose unit or drop-ins change is restarted. As a handler with \
        `state: restarted` or `reloaded`, it does that when notified.
        """
    public static let example = """
        - name: k3s waits for Tailscale
          service:
            name: k3s
            enabled: true
            state: running
            drop_ins:
              tailscale: |
                [Unit]
                After=tailscaled.service
        """
    public static let shorthand: String? = "name"
    public static let fields = [
        Field("name", .string, required: true, "The unit; without a suffix it is a `.service`."),
        Field("enabled", .bool, "Whether it starts at boot."),
        Field(
            "state", .oneOf(["running", "stopped", "restarted", "reloaded"]),
            "What it should be now; `restarted` and `reloaded` are for handlers. A unit that ends right after its start does not run: a oneshot without `RemainAfterExit=yes` is refused. One whose conditions do not hold is left with a warning."
        ),
        Field("unit", .string, "The content of its unit file, `/etc/systemd/system/NAME`."),
        Field("drop_ins", .map(.string), "Content by name, each written to `/etc/systemd/system/NAME.d/KEY.conf`."),
        Field(
            "wait", .bool,
            "Whether a start is waited for until the unit says that it is ready, and seen to last (true). Where a `wait_for` follows that tells more, false."
        ),
        Field("masked", .bool, "Whether it can be started at all: true links it to /dev/null."),
    ]

    enum State: String, Sendable, Hashable { case running, stopped, restarted, reloaded }

    let unit: String
    let isEnabled: Bool?
    let state: State?
    let unitFile: ManagedText?
    let dropIns: [ManagedText]
    let isMasked: Bool?
    let waits: Bool

    public struct Found: Sendable, Equatable {
        var status: UnitStatus
        var unitFile: ManagedText.Found?
        var dropIns: [ManagedText.Found] = []
        /// Whether it runs since before its files were written last.
        var isOutdated = false
        /// The conditions that keep it from being started, where it is to run and does not.
        var unmet: String?
    }

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        let given = arguments.string("name") ?? ""
        unit = UnitStatus.fullName(given)
        if !UnitStatus.isName(unit) {
            errors.append(arguments.error("service.name: '\(arguments.shown("name"))' is no unit name", at: "name"))
        }
        let folder = "/etc/systemd/system/\(unit)"
        isEnabled = arguments.bool("enabled")
        state = arguments.string("state").flatMap { State(rawValue: $0) }
        isMasked = arguments.bool("masked")
        waits = arguments.bool("wait") ?? true
        unitFile = arguments.value("unit").flatMap { value in
            value.string.map { ManagedText(path: folder, text: ended($0), isSensitive: value.containsSensitive) }
        }
        var texts: [ManagedText] = []
        for (key, value) in arguments.map("drop_ins") ?? [:] {
            let name = key.hasSuffix(".conf") ? String(key.dropLast(5)) : key
            if name.isEmpty || name.hasPrefix(".") || !UnitStatus.isName(name) {
                errors.append(
                    arguments.error(
                        "service.drop_ins: '\(arguments.shown("drop_ins", key))' cannot name a file", at: "drop_ins"))
            }
            texts.append(
                ManagedText(
                    path: "\(folder).d/\(name).conf", text: ended(value.string ?? ""),
                    isSensitive: value.containsSensitive || arguments.isSensitive("drop_ins")))
        }
        dropIns = texts
        if isMasked == true, isEnabled == true || state == .running || unitFile != nil {
            errors.append(
                arguments.error("service: a masked unit can neither run, be enabled nor have a unit file", at: "masked")
            )
        }
        if isEnabled == nil, state == nil, unitFile == nil, dropIns.isEmpty, isMasked == nil {
            errors.append(
                arguments.error(
                    "service: nothing is asked of \(unit)", hint: "state: running, enabled: true, unit or drop_ins"))
        }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { unit }
    public var canTellBeforehand: Bool { state != .restarted && state != .reloaded }

    var texts: [ManagedText] { (unitFile.map { [$0] } ?? []) + dropIns }

    public static func probe(_ all: [Service]) -> Script {
        let texts = all.flatMap(\.texts)
        return Script.lines(
            [
                UnitStatus.look(at: all.map(\.unit)),
                UnitConditions.look(at: all.filter { $0.state == .running }.map(\.unit)),
                UnitAge.look(at: texts.map(\.path)), ManagedText.prepare(texts),
            ] + texts.map(\.look))
    }

    public static func read(_ output: [UInt8], of all: [Service]) throws(Failure) -> [Found] {
        var fields = FieldReader(output, deed: "look at services")
        let statuses = try UnitStatus.read(&fields, of: all.map(\.unit))
        let unmet = try UnitConditions.read(&fields)
        let age = try UnitAge(&fields)
        var found: [Found] = []
        for (service, status) in zip(all, statuses) {
            var one = Found(status: status)
            one.isOutdated = status.isRunning && age.isOlder(status.start, than: service.texts.map(\.path))
            if service.state == .running, !status.isRunning { one.unmet = unmet[service.unit] }
            if let file = service.unitFile { one.unitFile = try file.read(&fields) }
            for dropIn in service.dropIns { one.dropIns.append(try dropIn.read(&fields)) }
            found.append(one)
        }
        try fields.end()
        return found
    }

    public var touches: [Effect] {
        [.unit(unit), .path("/etc/systemd/system/\(unit)"), .path("/etc/systemd/system/\(unit).d")]
    }

    /// A unit that is not there may come with a package or as a file.
    public func dependsOn(_ found: Found) -> [Effect] {
        let unitPath = found.status.fragment.isEmpty ? [] : [Effect.path(found.status.fragment)]
        // What would make conditions hold is anybody's to tell.
        if found.unmet != nil { return [.everything] }
        if found.status.exists { return touches + unitPath }
        let folders = ["/lib/systemd/system", "/usr/lib/systemd/system"].map { Effect.path("\($0)/\(unit)") }
        return touches + folders + [.packages]
    }

    public var whenNotified: Change? {
        let deed: ServiceChange.Deed
        switch state {
        case .restarted: deed = .restart
        case .reloaded: deed = .reload
        case .running: deed = .start
        case .stopped: deed = .stop
        case nil: return nil
        }
        return Change(
            .run, steps: [ServiceChange(unit: unit, reload: true, deed: deed, waits: waits).step],
            begins: deed == .stop ? [] : [.unit(unit)])
    }

    public static var mayLackSubject: Bool { true }
    public func lacksSubject(_ found: Found) -> Bool { !found.status.exists && unitFile == nil }
}

/// systemd reads a last line without its newline, people's tools less well.
private func ended(_ text: String) -> String { text.isEmpty || text.hasSuffix("\n") ? text : text + "\n" }
