import Model

/// What systemd says of one unit, by its own words (`systemctl show`).
struct UnitStatus: Sendable, Hashable {
    /// loaded, not-found, masked, bad-setting, error.
    var load = "not-found"
    /// active, reloading, inactive, failed, activating, deactivating.
    var active = "inactive"
    var sub = "dead"
    /// enabled, disabled, static, masked, generated, …; empty for a unit without a file.
    var file = ""
    /// Where its file is.
    var fragment = ""
    /// What a generated unit was made from: /etc/fstab.
    var source = ""
    var needsReload = false
    /// simple, notify, oneshot, …; empty for what is no service.
    var type = ""
    /// Whether it counts as active when all of its processes have ended.
    var remains = false
    var start = Start()

    var exists: Bool { load != "not-found" }
    var isMasked: Bool { load == "masked" || file == "masked" || file == "masked-runtime" }
    /// A unit that still starts is not there yet: `systemctl start` waits for it.
    var isRunning: Bool { ["active", "reloading", "refreshing"].contains(active) }
    var isStopped: Bool { active == "inactive" || active == "failed" }
    /// Started at boot, as far as can be said: a unit without an `[Install]` section is started by others or never.
    var isEnabled: Bool { ["enabled", "alias", "static", "indirect", "generated", "transient"].contains(file) }
    /// For people: "running", "failed", "activating (auto-restart)".
    var activity: String {
        switch (active, sub) {
        case ("active", "running"): "running"
        case ("inactive", "dead"): "stopped"
        case (let active, let sub) where active == sub: active
        case (let active, let sub): "\(active) (\(sub))"
        }
    }

    static let properties = "Id,LoadState,ActiveState,SubState,UnitFileState,FragmentPath,SourcePath,NeedDaemonReload"

    private static let more = "Type,RemainAfterExit,ConditionResult,\(Start.properties)"

    /// One `systemctl show` for all; prints one field, and leaves it in `$units`.
    static func look(at units: [String]) -> Script {
        """
        if command -v systemctl >/dev/null; then
            units=$(TZ=UTC systemctl show --property=\("\(properties),\(more)") -- \(units) 2>&1)
        else
            units="systemctl is not on the node"
        fi
        printf '%s\\n\\0' "$units"
        """
    }

    static func read(_ fields: inout FieldReader, of units: [String]) throws(Failure) -> [UnitStatus] {
        let text = try fields.nextLineText()
        let blocks = parse(text)
        guard blocks.count == units.count else {
            throw Failure(
                deed: "look at services", cause: "systemd does not answer for \(units.joined(separator: ", "))",
                detail: text, hint: "kubani's services need systemd as the node's init")
        }
        return blocks.map(\.status)
    }

    /// The blocks of `systemctl show`, in its order: that of its arguments.
    static func parse(_ text: String) -> [(id: String, status: UnitStatus)] {
        var blocks: [(id: String, status: UnitStatus)] = []
        for block in text.split(separator: "\n\n") {
            var values: [Substring: String] = [:]
            for line in block.split(separator: "\n") {
                guard let equals = line.firstIndex(of: "=") else { continue }
                values[line[..<equals]] = String(line[line.index(after: equals)...])
            }
            guard let id = values["Id"], let load = values["LoadState"], let active = values["ActiveState"] else {
                continue
            }
            blocks.append(
                (
                    id,
                    UnitStatus(
                        load: load, active: active, sub: values["SubState"] ?? "", file: values["UnitFileState"] ?? "",
                        fragment: values["FragmentPath"] ?? "", source: values["SourcePath"] ?? "",
                        needsReload: values["NeedDaemonReload"] == "yes", type: values["Type"] ?? "",
                        remains: values["RemainAfterExit"] == "yes", start: Start(values))
                ))
        }
        return blocks
    }

    private static let suffixes = [
        ".service", ".socket", ".timer", ".mount", ".target", ".path", ".slice", ".swap", ".automount", ".scope",
        ".device",
    ]

    static func fullName(_ name: String) -> String {
        suffixes.contains { name.hasSuffix($0) } ? name : name + ".service"
    }

    /// systemd's own characters; globs, which `systemctl show` would expand, are not among them.
    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: "-"), name.utf8.count < 256 else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "\\"), UInt8(ascii: "@"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
