/// Colours for a terminal, or none (`NO_COLOR`, a pipe, a file).
public struct Style: Sendable {
    public var hasColor: Bool

    public init(color: Bool) { hasColor = color }

    public static let plain = Style(color: false)

    public enum Tint: String, Sendable {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case cyan = "36"
        case dim = "2"
        case bold = "1"
    }

    public func tinted(_ text: String, _ tint: Tint) -> String {
        hasColor && !text.isEmpty ? "\u{1B}[\(tint.rawValue)m\(text)\u{1B}[0m" : text
    }
}
