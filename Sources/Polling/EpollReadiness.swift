#if os(Linux)
    import CLinux

    #if canImport(Musl)
        import Musl
    #else
        import Glibc
    #endif

    /// Linux's epoll. Arming needs no word to the thread that waits.
    final class EpollReadiness: Readiness {
        private let epoll: Int32
        private let bell: Int32

        init?() {
            let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
            guard epoll >= 0 else { return nil }
            let bell = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
            guard bell >= 0 else {
                close(epoll)
                return nil
            }
            self.epoll = epoll
            self.bell = bell
            var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: bell))
            epoll_ctl(epoll, EPOLL_CTL_ADD, bell, &event)
        }

        deinit {
            close(bell)
            close(epoll)
        }

        func arm(_ descriptor: Int32, for interest: Interest) -> Bool {
            var events = EPOLLONESHOT.rawValue
            if interest.contains(.read) { events |= EPOLLIN.rawValue | EPOLLRDHUP.rawValue }
            if interest.contains(.write) { events |= EPOLLOUT.rawValue }
            var event = epoll_event(events: events, data: epoll_data_t(fd: descriptor))
            if epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0 { return true }
            // A number seen for the first time, or given again to a new descriptor.
            return errno == ENOENT && epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0
        }

        func disarm(_ descriptor: Int32) {
            var event = epoll_event()
            epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
        }

        func wait(milliseconds: Int32) -> [(descriptor: Int32, ready: Interest)] {
            var events = [epoll_event](repeating: epoll_event(), count: 64)
            let count = epoll_wait(epoll, &events, Int32(events.count), milliseconds)
            guard count > 0 else { return [] }
            var found: [(descriptor: Int32, ready: Interest)] = []
            for event in events.prefix(Int(count)) {
                if event.data.fd == bell {
                    var count: UInt64 = 0
                    _ = read(bell, &count, 8)
                    continue
                }
                var ready: Interest = []
                if event.events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 { ready.insert(.read) }
                if event.events & EPOLLOUT.rawValue != 0 { ready.insert(.write) }
                if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { ready = [.read, .write] }
                found.append((event.data.fd, ready))
            }
            return found
        }

        func interrupt() {
            var one: UInt64 = 1
            _ = write(bell, &one, 8)
        }
    }
#endif
