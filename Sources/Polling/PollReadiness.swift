import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// POSIX's poll, for systems without epoll. Arming rings a bell, for the thread that waits has the old list.
final class PollReadiness: Readiness {
    private let armed = Mutex<[Int32: Interest]>([:])
    private let hears: Int32
    private let rings: Int32

    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        hears = ends[0]
        rings = ends[1]
    }

    deinit {
        close(hears)
        close(rings)
    }

    func arm(_ descriptor: Int32, for interest: Interest) -> Bool {
        armed.withLock { $0[descriptor] = interest }
        interrupt()
        return true
    }

    func disarm(_ descriptor: Int32) { armed.withLock { $0[descriptor] = nil } }

    func wait(milliseconds: Int32) -> [(descriptor: Int32, ready: Interest)] {
        var polled = [pollfd(fd: hears, events: Int16(POLLIN), revents: 0)]
        armed.withLock { armed in
            for (descriptor, interest) in armed {
                var events: Int32 = 0
                if interest.contains(.read) { events |= Int32(POLLIN) }
                if interest.contains(.write) { events |= Int32(POLLOUT) }
                polled.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
            }
        }
        guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { return [] }
        if polled[0].revents != 0 {
            var drained = [UInt8](repeating: 0, count: 256)
            while read(hears, &drained, drained.count) > 0 {}
        }
        var found: [(descriptor: Int32, ready: Interest)] = []
        for entry in polled.dropFirst() where entry.revents != 0 {
            var ready: Interest = []
            let happened = Int32(entry.revents)
            if happened & Int32(POLLIN) != 0 { ready.insert(.read) }
            if happened & Int32(POLLOUT) != 0 { ready.insert(.write) }
            if happened & Int32(POLLERR | POLLHUP | POLLNVAL) != 0 { ready = [.read, .write] }
            found.append((entry.fd, ready))
        }
        armed.withLock { armed in
            for entry in found { armed[entry.descriptor] = nil }
        }
        return found
    }

    func interrupt() {
        var one: UInt8 = 1
        _ = write(rings, &one, 1)
    }
}
