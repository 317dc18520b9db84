#if os(Linux)
    import CLinux

    #if canImport(Musl)
        import Musl
    #else
        import Glibc
    #endif

    /// A descriptor that becomes readable when a process ends (pidfd_open, since Linux 5.3).
    package struct ProcessDescriptor: ~Copyable, Sendable {
        package let raw: Int32

        /// nil where the kernel has none to give.
        package init?(_ process: Int32) {
            raw = kubani_pidfd_open(process)
            if raw < 0 { return nil }
        }

        deinit { close(raw) }
    }
#endif
