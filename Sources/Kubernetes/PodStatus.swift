import Model

/// What the API tells of one pod.
public struct PodStatus: Sendable, Equatable {
    public var namespace: String
    public var name: String
    /// Empty where it has none yet.
    public var node: String
    /// As kubectl's STATUS: the phase, or what a container waits for or ended with: `CrashLoopBackOff`.
    public var state: String
    /// Containers that are ready, of all.
    public var ready: Int
    public var containers: Int
    public var restarts: Int
    public var created: String

    /// Done, and so neither running nor in trouble.
    public var isFinished: Bool { state == "Completed" || state == "Succeeded" }
    public var isWell: Bool { isFinished || state == "Running" && ready == containers }

    /// Where the API lists them.
    ///
    /// - Parameter namespace: nil for those of all.
    public static func path(namespace: String? = nil) -> String {
        namespace.map { "/api/v1/namespaces/\(ClusterClient.escaped($0))/pods" } ?? "/api/v1/pods"
    }

    public init(_ pod: Value) {
        let (metadata, status) = (pod["metadata"], pod["status"])
        namespace = metadata?["namespace"]?.string ?? ""
        name = metadata?["name"]?.string ?? ""
        node = pod["spec"]?["nodeName"]?.string ?? ""
        created = metadata?["creationTimestamp"]?.string ?? ""
        let all = status?["containerStatuses"]?.list ?? []
        containers = pod["spec"]?["containers"]?.list?.count ?? all.count
        ready = all.filter { $0["ready"]?.bool == true }.count
        restarts = all.reduce(0) { $0 + ($1["restartCount"]?.int ?? 0) }
        let phase = status?["phase"]?.string ?? ""
        if metadata?["deletionTimestamp"]?.string != nil {
            state = "Terminating"
        } else {
            state =
                Self.trouble(status?["initContainerStatuses"]?.list ?? [], isInit: true)
                ?? Self.trouble(all, isInit: false)
                ?? status?["reason"]?.string ?? (phase == "Succeeded" ? "Completed" : phase)
        }
    }

    private static func trouble(_ containers: [Value], isInit: Bool) -> String? {
        for container in containers {
            let state = container["state"]
            if let reason = state?["waiting"]?["reason"]?.string, !isInit || reason != "PodInitializing" {
                return isInit ? "Init:\(reason)" : reason
            }
            if let ended = state?["terminated"], ended["exitCode"]?.int != 0 {
                let reason = ended["reason"]?.string ?? "ExitCode:\(ended["exitCode"]?.int ?? 0)"
                return isInit ? "Init:\(reason)" : reason
            }
        }
        return nil
    }
}
