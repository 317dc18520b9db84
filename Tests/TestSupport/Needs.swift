import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a test needs of its machine. A test that lacks it is skipped with one line that says so; CI refuses skips.
public enum Needs {
    public static func program(_ name: String) -> ConditionTrait {
        .enabled(if: has(name), "needs \(name): run make setup")
    }
    public static var python: ConditionTrait {
        .enabled(if: FileManager.default.isExecutableFile(atPath: Repository.python), "needs .venv: run make setup")
    }
    public static var root: ConditionTrait { .enabled(if: geteuid() == 0, "needs root") }

    /// Machines of one's own: Tests/Lab/nodes boots them with systemd-nspawn, from an image that debootstrap made.
    public static var lab: ConditionTrait {
        .enabled(
            if: geteuid() == 0 && has("systemd-nspawn") && has("debootstrap"),
            "needs root, systemd-nspawn and debootstrap: run sudo make setup")
    }

    /// The lab's k3s: what Tests/Lab/kubernetes has made, or a k3s from elsewhere.
    public static var cluster: ConditionTrait {
        let environment = ProcessInfo.processInfo.environment
        let folder = environment["KUBANI_KUBERNETES"] ?? "/var/lib/kubani-kubernetes"
        let given = environment["K3S_MIRROR"] ?? environment["K3S_RELEASES"]
        let made = FileManager.default.isExecutableFile(atPath: "\(folder)/v1.28.5+k3s1/kube-apiserver")
        return .enabled(if: given != nil || made, "needs the lab's Kubernetes: run sudo make kubernetes")
    }

    /// Kubernetes' own programs, see `ClusterLab`.
    public static var kubernetes: ConditionTrait {
        .enabled(
            if: ClusterLab.programs != nil && has("openssl") && has("curl"),
            "needs openssl, curl, and Kubernetes' programs in \(ClusterLab.folder): run Tests/Lab/kubernetes")
    }

    static func has(_ name: String) -> Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders: [String] = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }
}
