import Report

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Moments as the API and Tailscale write them: RFC 3339, with parts of a second or without.
struct Moment: Sendable {
    /// What ages are counted up to.
    var now: Date

    init(now: Date = Date()) { self.now = now }

    /// kubectl's AGE; nil where the text is no moment.
    func age(_ text: String) -> String? { Self.date(text).map { AgeText.short(Int(now.timeIntervalSince($0))) } }

    static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: .iso8601))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }
}
