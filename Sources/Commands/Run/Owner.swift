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
        let own = mark.map { ", \($0)" } ?? ""
        return "\(account), process \(process), since \(Date().formatted(.iso8601))\(own)"
    }

    /// Whether a holder is a process of this machine, as whoever runs this, that has ended. Somebody else's words are
    /// believed only where they name this boot and this namespace of processes, and a process that is not there.
    static func isGone(_ holder: String) -> Bool {
        guard let mark, holder.hasPrefix("\(account), process "), holder.hasSuffix(", \(mark)"),
            let process = Int32(holder.dropFirst("\(account), process ".count).prefix { $0.isNumber }), process > 1
        else { return false }
        return kill(process, 0) != 0 && errno == ESRCH
    }

    /// What no other machine has, nor this one after a boot, nor a container on it; nil where the kernel tells nothing.
    private static let mark: String? = {
        guard let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8),
            let space = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        else { return nil }
        return "boot \(boot.prefix { $0 != "-" }) \(space.filter(\.isNumber))"
    }()

    /// The kernel's name for this machine; Foundation's asks the resolver, which may take seconds.
    private static var machine: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "?" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
