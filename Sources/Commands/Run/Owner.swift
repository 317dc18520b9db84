#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Who runs this, for whoever meets a lock: "ann@laptop, process 4711, since 2026-11-23T01:02:03Z".
enum Owner {
    /// The user that this process runs as.
    static var user: String {
        guard let entry = getpwuid(geteuid()) else { return String(geteuid()) }
        return String(cString: entry.pointee.pw_name)
    }

    /// Who, and where: ann@laptop.
    static var account: String { "\(user)@\(machine)" }

    static var description: String {
        let process = ProcessInfo.processInfo.processIdentifier
        return "\(account), process \(process), since \(Date().formatted(.iso8601))"
    }

    /// The kernel's name for this machine; Foundation's asks the resolver, which may take seconds.
    private static var machine: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "?" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
