@preconcurrency import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ctrl-C and SIGTERM: the first asks to stop, the second leaves at once.
final class Interrupts: Sendable {
    private let sources: [any DispatchSourceSignal]

    /// - Parameter onFirst: called on the first signal, on a thread of its own; returns whether it was the first.
    init(onFirst: @escaping @Sendable () -> Bool) {
        let queue = DispatchQueue(label: "kubani.interrupts")
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { if !onFirst() { _exit(ExitStatus.interrupted.rawValue) } }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
    }
}
