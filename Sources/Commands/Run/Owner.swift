#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Who runs this, for whoever meets a lock: "ann@laptop, process 4711, since 2026-11-23T01:02:03Z".
enum Owner {
    static var description: String {
        let user = ProcessInfo.processInfo.environment["USER"] ?? ProcessInfo.processInfo.environment["LOGNAME"] ?? "?"
        let process = ProcessInfo.processInfo
        return "\(user)@\(process.hostName), process \(process.processIdentifier), since \(Date().formatted(.iso8601))"
    }
}
