import Foundation
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A real Kubernetes API on loopback: etcd, kube-apiserver and kube-controller-manager, and nodes that are kubemark's
/// hollow kubelets, whose pods never really run. Made for a suite by the trait `ClusterLab.running`, and ended with it.
public final class ClusterLab: Sendable {
    /// Where `Tests/Lab/kubernetes` puts the programs, a folder a version.
    public static let folder = ProcessInfo.processInfo.environment["KUBANI_KUBERNETES"] ?? "/var/lib/kubani-kubernetes"

    /// The programs of the first version there; nil where there are none.
    static let programs: String? = {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []
        return versions.map { "\(folder)/\($0)" }.first {
            FileManager.default.isExecutableFile(atPath: "\($0)/kube-apiserver")
        }
    }()

    /// The one of the suite that a test is in.
    public static var current: ClusterLab {
        get throws {
            guard let lab = task else { throw Problem(message: "the suite lacks the trait ClusterLab.running") }
            return lab
        }
    }

    @TaskLocal static var task: ClusterLab?

    public struct Problem: Error {
        public var message: String
        public init(message: String) { self.message = message }
    }

    /// `ca.crt`, `admin.crt`, `admin.key`, …
    public let certificates: Certificates
    public let port: Int
    /// A token of an administrator's.
    public let token = "t0ken-of-the-lab"
    private let etcdPort: Int
    private let data: TemporaryFolder
    private let programs: String
    private let daemons = Mutex<[String: Daemon]>([:])

    public var server: String { "https://127.0.0.1:\(port)" }
    public var version: String { String(programs.split(separator: "/").last ?? "") }

    private init() async throws {
        guard let programs = Self.programs else { throw Problem(message: "no programs of Kubernetes") }
        self.programs = programs
        certificates = try Certificates()
        data = try TemporaryFolder("kubani-etcd")
        let ports = try Self.freePorts(3)
        (port, etcdPort) = (ports[0], ports[1])
        try await certificates.authority("ca")
        try await certificates.rsaKey("sa.key")
        try await certificates.certificate("server", by: "ca", for: "IP:127.0.0.1,DNS:localhost,DNS:kubernetes")
        try await certificates.certificate("admin", by: "ca", subject: "/O=system:masters/CN=admin")
        try await certificates.certificate("guest", by: "ca", subject: "/CN=guest")
        try "\(token),admin,admin,system:masters\n".write(
            toFile: certificates.path("tokens.csv"), atomically: true, encoding: .utf8)
        try kubeconfig.write(toFile: kubeconfigPath, atomically: true, encoding: .utf8)
        do {
            let peer = "http://127.0.0.1:\(ports[2])"
            try run(
                "etcd",
                [
                    "--data-dir", "\(data.path)/etcd", "--unsafe-no-fsync", "--logger", "zap", "--log-level", "error",
                    "--listen-client-urls", etcd, "--advertise-client-urls", etcd, "--listen-peer-urls", peer,
                    "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=\(peer)",
                ])
            try await startServer()
            try run(
                "kube-controller-manager",
                [
                    "--kubeconfig", kubeconfigPath, "--port=0", "--secure-port=0", "--leader-elect=false",
                    "--service-account-private-key-file", certificates.path("sa.key"), "--root-ca-file",
                    certificates.path("ca.crt"), "--use-service-account-credentials=true",
                    // Kubelets report every ten seconds.
                    "--node-monitor-grace-period=20s", "--node-monitor-period=1s",
                ])
        } catch {
            stop()
            throw error
        }
    }

    private var etcd: String { "http://127.0.0.1:\(etcdPort)" }

    /// One that is in use, and by how many suites.
    private actor Shared {
        static let shared = Shared()
        private var lab: Task<ClusterLab, any Error>?
        private var users = 0

        func take() async throws -> ClusterLab {
            users += 1
            let lab = self.lab ?? Task { try await ClusterLab() }
            self.lab = lab
            return try await lab.value
        }

        func give() async {
            users -= 1
            guard users == 0 else { return }
            let last = lab
            lab = nil
            (try? await last?.value)?.stop()
        }
    }

    /// A suite's tests have a running lab.
    public struct Running: SuiteTrait, TestScoping {
        public func provideScope(
            for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
        ) async throws {
            do {
                let lab = try await Shared.shared.take()
                try await ClusterLab.$task.withValue(lab) { try await function() }
            } catch {
                await Shared.shared.give()
                throw error
            }
            await Shared.shared.give()
        }
    }

    public static var running: Running { Running() }

    // MARK: - Processes

    private func run(_ program: String, _ arguments: [String], as name: String? = nil) throws {
        let daemon = try Daemon.start("\(programs)/\(program)", arguments, until: nil)
        daemons.withLock { $0[name ?? program] = daemon }
    }

    /// An API server that is asked to end waits for its watches, a minute and more.
    private func end(_ name: String) { daemons.withLock { $0.removeValue(forKey: name) }?.stop(SIGKILL) }

    private func stop() {
        for name in daemons.withLock({ Array($0.keys) }).sorted(by: >) { end(name) }
    }

    /// What a process of the lab has printed.
    public func log(_ name: String) -> String { daemons.withLock { $0[name] }?.text ?? "" }

    /// Starts the API server, or one more on another port, and waits until it is ready.
    public func startServer(port: Int? = nil) async throws {
        let port = port ?? self.port
        let name = "kube-apiserver-\(port)"
        try run(
            "kube-apiserver",
            [
                "--etcd-servers=\(etcd)", "--secure-port=\(port)", "--bind-address=127.0.0.1",
                "--advertise-address=10.99.0.1", "--tls-cert-file", certificates.path("server.crt"),
                "--tls-private-key-file", certificates.path("server.key"), "--client-ca-file",
                certificates.path("ca.crt"), "--token-auth-file", certificates.path("tokens.csv"),
                "--authorization-mode=Node,RBAC", "--allow-privileged=true", "--shutdown-delay-duration=0s",
                "--service-account-issuer=https://kubernetes.default.svc", "--service-account-signing-key-file",
                certificates.path("sa.key"), "--service-account-key-file", certificates.path("sa.key"),
                "--service-cluster-ip-range=10.43.0.0/16",
            ], as: name)
        try await wait("the API server") {
            try await Program.run("curl", ["-sfk", "https://127.0.0.1:\(port)/readyz"]).status == 0
        }
    }

    public func stopServer(port: Int? = nil) { end("kube-apiserver-\(port ?? self.port)") }

    /// A node with a hollow kubelet, waited for until it is Ready.
    public func addNode(_ name: String, labels: String = "lab=yes") async throws {
        let ports = try Self.freePorts(2)
        let folder = "\(data.path)/nodes/\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let config = try await kubectl("config", "view", "--raw", "--flatten")
        try config.write(toFile: "\(folder)/kubeconfig", atomically: true, encoding: .utf8)
        // All hollow kubelets speak to their containers over one path in /tmp: each gets a /tmp of its own.
        let script = """
            mount --bind "$0" /tmp && exec "$1" --morph=kubelet --name="$2" --kubeconfig=/tmp/kubeconfig --node-labels="$3" \\
                --kubelet-port="$4" --kubelet-read-only-port="$5"
            """
        let daemon = try Daemon.start(
            "/usr/bin/env",
            [
                "unshare", geteuid() == 0 ? "-m" : "-rm", "sh", "-c", script, folder, "\(programs)/kubemark", name,
                labels,
            ]
                + ports.map(String.init), until: nil)
        daemons.withLock { $0["node-\(name)"] = daemon }
        try await wait("node \(name)") {
            let path = "{.status.conditions[?(@.type=='Ready')].status}"
            return try await self.tryKubectl("get", "node", name, "-o", "jsonpath=\(path)").stdout == "True"
        }
    }

    /// Ends the node's kubelet, as a power cut does.
    public func stopNode(_ name: String) { end("node-\(name)") }

    /// Waits for what is to come.
    public func wait(_ what: String, _ isThere: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .eventually
        while try await !isThere() {
            guard ContinuousClock.now < deadline else {
                let logs = daemons.withLock { $0.map { "\($0.key): \($0.value.text.suffix(1500))" } }.joined(
                    separator: "\n")
                throw Problem(message: "\(what) did not come\n\(logs)")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    public static func freePorts(_ count: Int) throws -> [Int] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            sockets.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            return try withUnsafeMutablePointer(to: &address) { pointer in
                try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
                    guard bind(descriptor, pointer, size) == 0, getsockname(descriptor, pointer, &size) == 0 else {
                        throw POSIXError(.EADDRNOTAVAIL)
                    }
                    return Int(UInt16(bigEndian: UnsafeRawPointer(pointer).load(as: sockaddr_in.self).sin_port))
                }
            }
        }
    }

    // MARK: - Ways in

    /// With the administrator's certificate; its context is `lab`.
    public var kubeconfig: String { kubeconfig(user: "{client-certificate: admin.crt, client-key: admin.key}") }

    public var kubeconfigPath: String { certificates.path("kubeconfig") }

    /// - Parameter user: what identifies the user, as YAML.
    public func kubeconfig(user: String, server: String? = nil, context: String = "lab") -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: \(context)
        clusters: [{name: lab, cluster: {server: "\(server ?? self.server)", certificate-authority: ca.crt}}]
        contexts: [{name: \(context), context: {cluster: lab, user: someone}}]
        users: [{name: someone, user: \(user)}]

        """
    }

    /// Runs kubectl as the administrator.
    ///
    /// - Parameter stdin: a manifest for `apply -f -`.
    @discardableResult
    public func kubectl(_ arguments: String..., stdin: String = "") async throws -> String {
        let run = try await tryKubectl(arguments, stdin: stdin)
        guard run.status == 0 else {
            throw Problem(message: "kubectl \(arguments.joined(separator: " ")): \(run.stderr)")
        }
        return run.stdout
    }

    private func tryKubectl(_ arguments: String...) async throws -> Program {
        try await tryKubectl(arguments, stdin: "")
    }

    private func tryKubectl(_ arguments: [String], stdin: String) async throws -> Program {
        try await Program.run("\(programs)/kubectl", ["--kubeconfig", kubeconfigPath] + arguments, stdin: stdin)
    }

    /// kubectl with a KUBECONFIG of the test's own, for what needs no cluster.
    public static func kubectl(kubeconfig: String, _ arguments: [String]) async throws -> Program {
        try await Program.run("\(programs ?? "")/kubectl", arguments, environment: ["KUBECONFIG": kubeconfig])
    }

    /// For a shell: forgets all that was before now, as the API server does every five minutes with what is older.
    public var compactCommand: String {
        """
        export ETCDCTL_API=3
        set -- \(programs)/etcdctl --endpoints \(etcd)
        "$@" put /kubani-tests/compact now && revision=$("$@" endpoint status -w json | sed 's/.*"revision":\\([0-9]*\\).*/\\1/') \\
            && "$@" compact "$revision"
        """
    }

    public func compact() async throws {
        let run = try await Program.run("sh", ["-c", compactCommand])
        guard run.status == 0 else { throw Problem(message: run.stderr) }
    }
}
