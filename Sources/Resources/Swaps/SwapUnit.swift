import Model

/// A unit that switches swap on: a `.swap` unit of a generator, or a service that prepares a swap file or zram.
struct SwapUnit: Sendable, Hashable {
    var name: String
    var status: UnitStatus

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
        guard status.load == "loaded" else { return nil }
        if !name.hasSuffix(".swap") {
            return status.file == "enabled" || !status.isStopped ? .disable : nil
        }
        // Without a file it only mirrors an active device, and fstab's are taken out of fstab.
        if status.fragment.isEmpty || status.source == "/etc/fstab" { return nil }
        if status.fragment.hasPrefix("/etc/") {
            return status.file == "enabled" || status.isRunning ? .disable : nil
        }
        return .mask
    }

    var was: String { status.file.isEmpty ? status.activity : "\(status.file), \(status.activity)" }
}

enum Fstab {
    private static let mark = "# kubani, swap off: "

    /// The text with each line that is used for swap at boot commented out, and all else as it was.
    static func withoutSwap(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { isSwap($0) ? mark + $0 : String($0) }.joined(separator: "\n")
    }

    private static func isSwap(_ line: Substring) -> Bool {
        let fields = line.split { $0 == " " || $0 == "\t" }
        guard fields.count >= 3, let first = fields.first, !first.hasPrefix("#"), fields[2] == "swap" else {
            return false
        }
        return fields.count < 4 || !fields[3].split(separator: ",").contains("noauto")
    }
}
