import Model

/// Swap switched off, now and after a reboot, whoever switches it on.
public struct Swap: ShellKind {
    public static let name = "swap"
    public static let summary = """
        Keeps swap off: now, and after a reboot. Lines of /etc/fstab are commented out, units that generators make \
        (zram, discovered partitions) are masked, and services such as dphys-swapfile are disabled. Nothing is deleted.
        """
    public static let example = """
        - name: no swap, as the kubelet wants it
          swap: off
        """
    public static let shorthand: String? = "state"
    public static let fields = [
        Field("state", .bool, required: true, "`off`; kubani does not set swap up.")
    ]

    public struct Found: Sendable, Equatable {
        /// What is swapped to now: /dev/sda3, /swapfile.
        var devices: [String]
        var fstab: String
        var units: [SwapUnit]
        /// A container shows the swap of its host, and has no say in it.
        var isContainer = false
    }

    public init(_ arguments: Arguments) throws(InputErrors) {
        if arguments.bool("state") != false {
            throw InputErrors(
                arguments.error("swap.state: kubani only switches swap off", at: "state", hint: "swap: off"))
        }
    }

    public var subject: String { "swap" }

    /// Services that make swap at boot: Raspberry Pi OS's, Debian's and Ubuntu's for zram.
    private static let services = ["dphys-swapfile.service", "zramswap.service", "zram-config.service"]

    public static func probe(_ all: [Swap]) -> Script {
        """
        tail -n +2 /proc/swaps 2>/dev/null
        printf '\\0'
        tr -d '\\000' </etc/fstab 2>/dev/null
        printf '\\0'
        if command -v systemctl >/dev/null; then
            systemctl show --property=\(UnitStatus.properties) -- '*.swap' \(services) 2>/dev/null | tr -d '\\000'
        fi
        printf '\\0'
        if [ -s /run/systemd/container ] || systemd-detect-virt -cq 2>/dev/null; then printf container; fi
        printf '\\0'
        """
    }

    public static func read(_ output: [UInt8], of all: [Swap]) throws(Failure) -> [Found] {
        var fields = FieldReader(output, deed: "look at swap")
        let swaps = try fields.nextLineText()
        let bytes = try fields.nextBytes()
        guard let fstab = String(validating: bytes, as: UTF8.self) else {
            throw Failure(deed: "look at swap", cause: "/etc/fstab is not UTF-8")
        }
        let units = UnitStatus.parse(try fields.nextLineText()).map { SwapUnit(name: $0.id, status: $0.status) }
        let isContainer = try fields.next() == "container"
        try fields.end()
        let devices = swaps.split(separator: "\n").compactMap {
            $0.split { $0 == " " || $0 == "\t" }.first.map(String.init)
        }
        let found = Found(devices: devices, fstab: fstab, units: units, isContainer: isContainer)
        return all.map { _ in found }
    }

    public func difference(from found: Found) -> Difference {
        var details: [Detail] = []
        var steps: [Step] = []
        let fstab = Fstab.withoutSwap(found.fstab)
        if fstab != found.fstab {
            details.append(.text("/etc/fstab", from: Shown(found.fstab), to: Shown(fstab)))
            steps.append(.write(FileWrite(path: "/etc/fstab", content: .bytes(Array(fstab.utf8)))))
        }
        var lines: [Script] = []
        for unit in found.units {
            guard let deed = unit.deed else { continue }
            details.append(.attribute(unit.name, from: Shown(unit.was), to: deed.result))
            lines.append(deed.script(unit.name))
        }
        if !found.devices.isEmpty, !found.isContainer {
            details.append(.attribute("swap", from: Shown(found.devices.joined(separator: ", ")), to: "off"))
            lines.append(
                "swapoff -a || { echo 'hint: is there enough free memory for what is swapped out?' >&2; exit 1; }")
        }
        if fstab != found.fstab {
            // The units that systemd made of the lines go with them.
            lines.append("if command -v systemctl >/dev/null; then systemctl daemon-reload; fi")
        }
        if !lines.isEmpty { steps.append(.run(Script.lines(lines), deadline: .seconds(600))) }
        if steps.isEmpty, !found.devices.isEmpty { return .none("off; the swap that shows is the container's host's") }
        if steps.isEmpty { return .none("off, now and after a reboot") }
        return .change(Change(.update, details: details, steps: steps))
    }

    public var touches: [Effect] { [.swap, .path("/etc/fstab")] }
    public func dependsOn(_ found: Found) -> [Effect] { [.swap, .path("/etc/fstab")] }
    public var altersFacts: [String] { ["swap_mb"] }
}
