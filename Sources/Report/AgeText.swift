/// How long ago, in the words of kubectl's AGE: `45s`, `3m20s`, `5h10m`, `3d4h`, `2y30d`.
public enum AgeText {
    /// The more that has passed, the less exact: two units while the first is small, then one.
    ///
    /// - Parameter seconds: since then. Up to a second in the future counts as now: clocks differ.
    public static func short(_ seconds: Int) -> String {
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400)
        switch seconds {
        case ..<(-1): return "<invalid>"
        case ..<120: return "\(max(0, seconds))s"
        case ..<600: return both(minutes, "m", seconds % 60, "s")
        case ..<(3 * 3600): return "\(minutes)m"
        case ..<(8 * 3600): return both(hours, "h", minutes % 60, "m")
        case ..<(48 * 3600): return "\(hours)h"
        case ..<(8 * 86400): return both(days, "d", hours % 24, "h")
        case ..<(2 * 365 * 86400): return "\(days)d"
        case ..<(8 * 365 * 86400): return both(days / 365, "y", days % 365, "d")
        default: return "\(days / 365)y"
        }
    }

    private static func both(_ first: Int, _ unit: String, _ rest: Int, _ smaller: String) -> String {
        "\(first)\(unit)" + (rest == 0 ? "" : "\(rest)\(smaller)")
    }
}
