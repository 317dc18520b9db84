import Model
import OrderedCollections

/// What the API tells of one node.
public struct NodeStatus: Sendable, Equatable {
    public enum Readiness: Sendable, Equatable {
        case ready
        /// The kubelet says that it is not, and why.
        case notReady(reason: String, message: String)
        /// The kubelet has said nothing for a while.
        ///
        /// - Parameter since: as the API writes a moment: `2026-11-24T10:00:00Z`.
        case silent(since: String, message: String)
        /// The API has no word about it yet.
        case untold
    }

    public struct Address: Sendable, Equatable {
        /// `InternalIP`, `ExternalIP`, `Hostname`, …
        public var type: String
        public var address: String
    }

    public var name: String
    /// Sorted: `control-plane`, `etcd`.
    public var roles: [String]
    /// The kubelet's: `v1.35.6+k3s1`.
    public var version: String
    public var readiness: Readiness
    /// What else is wrong, such as `MemoryPressure: …`.
    public var troubles: [String]
    public var isSchedulable: Bool
    public var addresses: [Address]
    /// When it joined, as the API writes a moment.
    public var created: String
    public var labels: OrderedDictionary<String, String>
    /// `key=value:Effect`, `key:Effect`.
    public var taints: [String]
    public var capacity: OrderedDictionary<String, String>
    public var allocatable: OrderedDictionary<String, String>
    public var system: System

    public struct System: Sendable, Equatable {
        public var osImage: String
        public var kernel: String
        public var architecture: String
        public var containerRuntime: String
    }

    public var isReady: Bool { readiness == .ready }
    public var internalAddresses: [String] { addresses.filter { $0.type == "InternalIP" }.map(\.address) }

    /// - Parameter node: the object of the API.
    public init(_ node: Value) {
        let (metadata, spec, status) = (node["metadata"], node["spec"], node["status"])
        func texts(_ value: Value?) -> OrderedDictionary<String, String> {
            (value?.map ?? [:]).mapValues { $0.description }
        }
        name = metadata?["name"]?.string ?? ""
        created = metadata?["creationTimestamp"]?.string ?? ""
        labels = texts(metadata?["labels"])
        roles = Self.roles(labels)
        let info = status?["nodeInfo"]
        func text(_ key: String) -> String { info?[key]?.string ?? "" }
        version = text("kubeletVersion")
        system = System(
            osImage: text("osImage"), kernel: text("kernelVersion"), architecture: text("architecture"),
            containerRuntime: text("containerRuntimeVersion"))
        isSchedulable = spec?["unschedulable"]?.bool != true
        taints = (spec?["taints"]?.list ?? []).map(Self.taint)
        addresses = (status?["addresses"]?.list ?? []).map {
            Address(type: $0["type"]?.string ?? "", address: $0["address"]?.string ?? "")
        }
        capacity = texts(status?["capacity"])
        allocatable = texts(status?["allocatable"])
        let conditions = status?["conditions"]?.list ?? []
        readiness = Self.readiness(conditions)
        troubles = Self.troubles(conditions)
    }

    /// As kubectl tells them: `node-role.kubernetes.io/ROLE`, and the older `kubernetes.io/role`.
    private static func roles(_ labels: OrderedDictionary<String, String>) -> [String] {
        var roles: Set<String> = []
        for (key, value) in labels {
            let prefix = "node-role.kubernetes.io/"
            if key.hasPrefix(prefix), key.count > prefix.count { roles.insert(String(key.dropFirst(prefix.count))) }
            if key == "kubernetes.io/role", !value.isEmpty { roles.insert(value) }
        }
        return roles.sorted()
    }

    private static func taint(_ taint: Value) -> String {
        func text(_ key: String) -> String { taint[key]?.string ?? "" }
        return text("key") + (text("value").isEmpty ? "" : "=" + text("value")) + ":" + text("effect")
    }

    private static func readiness(_ conditions: [Value]) -> Readiness {
        guard let ready = conditions.first(where: { $0["type"]?.string == "Ready" }) else { return .untold }
        func text(_ key: String) -> String { ready[key]?.string ?? "" }
        switch text("status") {
        case "True": return .ready
        case "False": return .notReady(reason: text("reason"), message: text("message"))
        default: return .silent(since: text("lastTransitionTime"), message: text("message"))
        }
    }

    /// Conditions that are true and should not be. When the kubelet is silent, all are unknown, and one word is enough.
    private static func troubles(_ conditions: [Value]) -> [String] {
        conditions.compactMap { condition in
            let type = condition["type"]?.string ?? ""
            guard type != "Ready", condition["status"]?.string == "True",
                type.hasSuffix("Pressure") || type.hasSuffix("Unavailable") || type.hasSuffix("Problem")
            else { return nil }
            let message = condition["message"]?.string ?? ""
            return message.isEmpty ? type : "\(type): \(message)"
        }
    }
}
