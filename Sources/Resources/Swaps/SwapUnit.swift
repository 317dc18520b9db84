import Model

/// A unit that switches swap on: a `.swap` unit of a generator, or a service that prepares a swap file or zram.
struct SwapUnit: Sendable, Hashable {
    var name: String
    var status: UnitStatus
    /// Whether a generator makes it at the next boot, be it there now or not.
    var comesAtBoot = false

    enum Deed: Sendable, Hashable {
        case disable
        case mask

        var result: Shown { self == .disable ? "disabled" : "masked" }

        func script(_ unit: String) -> Script {
            switch self {
            case .disable: "systemctl disable --now -- \(unit) || exit"
            // Stopping comes with `swapoff`; a generated unit is found again at the next boot, and then masked.
            case .mask: "systemctl mask -- \(unit) || exit"
            }
        }
    }

    /// What keeps it from switching swap on at the next boot; nil where nothing needs to.
    var deed: Deed? {
        if comesAtBoot { return status.isMasked ? nil : .mask }
        guard status.load == "loaded" else { return nil }
        if !name.hasSuffix(".swap") {
            return status.file.hasPrefix("enabled") || !status.isStopped ? .disable : nil
        }
        // Without a file it only mirrors an active device, and fstab's are taken out of fstab.
        if status.fragment.isEmpty || status.source == "/etc/fstab" { return nil }
        if status.fragment.hasPrefix("/etc/") {
            return status.file.hasPrefix("enabled") || status.isRunning ? .disable : nil
        }
        return .mask
    }

    var was: String { status.file.isEmpty ? status.activity : "\(status.file), \(status.activity)" }
}

enum Fstab {
    private static let mark = "# kubani, swap off: "

    /// The text with each line that is used for swap at boot commented out, and all else as it was.
    ///
    /// - Parameter partitions: those that systemd switches on by itself, unless some line is for swap, which one with
    ///   `noauto` is, too.
    static func withoutSwap(_ text: String, discoverable partitions: [String] = []) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let isNamed = lines.contains { isOfSwap($0) && !isSwap($0) }
        let out = lines.map { isSwap($0) ? mark + $0 : String($0) }.joined(separator: "\n")
        guard let first = partitions.first, !isNamed else { return out }
        let end = out.isEmpty || out.hasSuffix("\n") ? "" : "\n"
        return """
            \(out)\(end)\(mark)where a line is for swap, systemd does not look for partitions of that type
            PARTUUID=\(first) none swap noauto 0 0

            """
    }

    private static func fields(_ line: Substring) -> [Substring] { line.split { $0 == " " || $0 == "\t" } }

    private static func isOfSwap(_ line: Substring) -> Bool {
        let fields = fields(line)
        return fields.count >= 3 && fields[0].first != "#" && fields[2] == "swap"
    }

    /// Whether it comes at boot: by itself, or, with `noauto`, for a unit that it names.
    private static func isSwap(_ line: Substring) -> Bool {
        guard isOfSwap(line) else { return false }
        let options = fields(line).dropFirst(3).first?.split(separator: ",") ?? []
        return !options.contains("noauto")
            || options.contains { option in
                ["x-systemd.wanted-by=", "x-systemd.required-by=", "x-systemd.upheld-by="].contains {
                    option.hasPrefix($0)
                }
            }
    }
}
