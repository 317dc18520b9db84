/// What a waiter wants to know of a descriptor.
package struct Interest: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let read = Interest(rawValue: 1)
    package static let write = Interest(rawValue: 2)
}

/// The system's way to tell which descriptors are ready. One-shot: after an event a descriptor is armed anew.
protocol Readiness: Sendable {
    /// Replaces what is asked of the descriptor; false where the system refuses it.
    func arm(_ descriptor: Int32, for interest: Interest) -> Bool
    /// Forgets the descriptor.
    func disarm(_ descriptor: Int32)
    /// Waits for events, or until `interrupt`; a negative time waits for ever. An error of the descriptor counts as
    /// both directions, so that whoever waits tries and finds it.
    func wait(milliseconds: Int32) -> [(descriptor: Int32, ready: Interest)]
    /// Ends the wait under way, or the next one.
    func interrupt()
}
