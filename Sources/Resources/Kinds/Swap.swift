import Model

/// Swap switched off, now and after a reboot, whoever switches it on.
public struct Swap: ShellKind {
    public static let name = "swap"
    public static let summary = """
        Keeps swap off: now, and after a reboot, whatever would make it: lines of /etc/fstab are commented out, units that \
        generators make or will make at the next boot (zram, discovered partitions) are masked, units and services such \
        as dphys-swapfile are disabled. Where systemd would discover a partition by its type as soon as fstab names no \
        swap, a line with `noauto` keeps it from that. Nothing is deleted.
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
        /// Partitions that systemd switches on by their type where fstab names no swap, by their own UUIDs.
        var partitions: [String] = []
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

    /// Services that make swap at boot: Raspberry Pi OS's, Debian's and Ubuntu's for zram, and others that are in use.
    private static let services = [
        "dphys-swapfile.service", "zramswap.service", "zram-config.service", "zram-swap.service", "zramd.service",
        "swapspace.service", "systemd-swap.service",
    ]

    /// `zrams`: the units that zram-generator makes, at the next boot if not yet.
    /// `partitions`: what systemd-gpt-auto-generator would find: the type of a swap partition, and its own UUID.
    private static let generators: Script = #"""
        generator() {
            for folder in /usr/lib /lib /usr/local/lib /run /etc; do
                found=$folder/systemd/system-generators/$1
                if [ -x "$found" ] && [ -s "$found" ] && [ ! -c "$found" ]; then
                    mask=/etc/systemd/system-generators/$1
                    [ ! -L "$mask" ] || [ -s "$mask" ]
                    return
                fi
            done
            return 1
        }
        zrams() {
            generator zram-generator || return
            for folder in /etc /run /usr/local/lib /usr/lib; do
                for file in $folder/systemd/zram-generator.conf $folder/systemd/zram-generator.conf.d/*.conf; do
                    [ ! -f "$file" ] || sed -n 's/^[[:space:]]*\[\(zram[0-9]*\)\].*/dev-\1.swap/p' "$file"
                done
            done | sort -u
        }
        partitions() {
            generator systemd-gpt-auto-generator || return
            case " $(cat /proc/cmdline 2>/dev/null) " in *' systemd.gpt_auto=0 '* | *' systemd.gpt_auto=no '* | *' systemd.swap=0 '*) return ;; esac
            lsblk -rno PARTTYPE,PARTUUID 2>/dev/null | sed -n 's/^0657fd6d-a4ab-43c4-84e5-0933c84b4f4f \([0-9a-fA-F-]*\)$/\1/p' | sort -u
        }
        """#

    public static func probe(_ all: [Swap]) -> Script {
        """
        \(generators)
        tail -n +2 /proc/swaps 2>/dev/null
        printf '\\0'
        tr -d '\\000' </etc/fstab 2>/dev/null
        printf '\\0'
        if command -v systemctl >/dev/null; then
            # A pattern finds what is loaded; what only waits for the next boot has a file.
            systemctl show --property=\(UnitStatus.properties) -- '*.swap' $(
                {
                    systemctl list-unit-files --no-legend --no-pager --type=swap 2>/dev/null | sed 's/[[:space:]].*//'
                    zrams
                } | sort -u) \(services) 2>/dev/null | tr -d '\\000'
        fi
        printf '\\0'
        if [ -s /run/systemd/container ] || systemd-detect-virt -cq 2>/dev/null; then printf container; fi
        printf '\\0'
        zrams
        printf '\\0'
        partitions
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
        let shown = try fields.nextLineText()
        let isContainer = try fields.next() == "container"
        let zrams = Set(try fields.nextLineText().split(separator: "\n").map(String.init))
        let partitions = try fields.nextLineText().split(separator: "\n").map(String.init)
        try fields.end()
        var units: [SwapUnit] = []
        for (id, status) in UnitStatus.parse(shown) where !units.contains(where: { $0.name == id }) {
            units.append(SwapUnit(name: id, status: status, comesAtBoot: zrams.contains(id)))
        }
        let devices = swaps.split(separator: "\n").compactMap {
            $0.split { $0 == " " || $0 == "\t" }.first.map(String.init)
        }
        let found = Found(
            devices: devices, fstab: fstab, units: units, partitions: partitions, isContainer: isContainer)
        return all.map { _ in found }
    }

    public func difference(from found: Found) -> Difference {
        var details: [Detail] = []
        var steps: [Step] = []
        // A container shows the partitions of its host.
        let fstab = Fstab.withoutSwap(found.fstab, discoverable: found.isContainer ? [] : found.partitions)
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
