import Model
import OrderedCollections

/// What every node tells of itself: a read-only list, looked at once a run with the first probes. `when`, templates and
/// asserts read it as `facts.NAME`.
public enum Facts {
    /// One fact, for the documentation and for checking names.
    public struct Fact: Sendable, Hashable {
        /// `os`, or `os.family` for an entry of a map.
        public var name: String
        /// "text", "number", "bool", "list" or "map"; "or null" where a node may not know it.
        public var type: String
        /// One sentence.
        public var help: String

        init(_ name: String, _ type: String, _ help: String) {
            self.name = name
            self.type = type
            self.help = help
        }
    }

    /// All of them, in the order in which `read` gives them. Each is there on every node, null where it is not known.
    public static let list: [Fact] = [
        Fact("os.id", "text", "The ID of /etc/os-release: debian, ubuntu, raspbian, rocky."),
        Fact("os.version", "text", "Its VERSION_ID: \"12\", \"22.04\"; empty on a rolling release."),
        Fact("os.version_major", "number or null", "The whole number that the version begins with."),
        Fact("os.codename", "text", "Its VERSION_CODENAME: bookworm, jammy; empty where there is none."),
        Fact("os.family", "text", "debian, redhat, suse, arch, alpine, or the id where it is none of these."),
        Fact("os.name", "text", "Its PRETTY_NAME."),
        Fact("arch", "text", "The architecture of its programs as Debian names it: amd64, arm64, armhf, riscv64."),
        Fact("machine", "text", "The kernel's name for it, as uname -m: x86_64, aarch64, armv7l."),
        Fact("kernel", "text", "The kernel's release, as uname -r."),
        Fact("hostname", "text", "The host name that the kernel has."),
        Fact("cpus", "number", "How many processors are online."),
        Fact("memory_mb", "number", "All of its memory, in MiB."),
        Fact("swap_mb", "number", "All swap in use or ready for it, in MiB; 0 where swap is off."),
        Fact(
            "disks", "map",
            "For / and /var/lib: device, mount (where that file system is mounted), total_mb and free_mb in MiB."),
        Fact("interfaces", "map", "Each network interface and the list of its addresses, without prefix lengths."),
        Fact("default_interface", "text or null", "The interface of the default route."),
        Fact("init", "text", "systemd, openrc, or the name of process 1."),
        Fact("package_manager", "text or null", "apt, dnf, yum, zypper, pacman or apk: the first that is there."),
        Fact(
            "virtualisation", "text",
            "What it runs in, as systemd-detect-virt names it: none, kvm, vmware, systemd-nspawn, docker."),
        Fact("boot_id", "text", "Another one after each boot."),
        Fact("time", "number", "The node's clock when it was looked at, in seconds since 1970."),
        Fact("model", "text or null", "The board, on machines that have a device tree."),
        Fact("raspberry_pi", "bool", "Whether the board is a Raspberry Pi."),
        Fact("cgroup.version", "number", "1 or 2; 0 where no control groups are mounted."),
        Fact("cgroup.memory", "bool", "Whether memory is controlled, which k3s needs."),
        Fact("has_modules_dir", "bool", "Whether /lib/modules has a directory for the running kernel."),
        Fact("k3s.mode", "text or null", "What k3s is set up as here, by whomever: server or agent."),
        Fact("k3s.version", "text or null", "The version of its program: v1.35.6+k3s1."),
        Fact("k3s.unit", "text or null", "The unit that runs it: k3s.service."),
        Fact("k3s.program", "text or null", "Its program: /usr/local/bin/k3s."),
        Fact("k3s.data_dir", "text", "Where k3s keeps its data, by all that it is told."),
        Fact("k3s.server_url", "text or null", "The server that it is told to join."),
        Fact("k3s.datastore", "text or null", "What a server keeps the cluster in: etcd, sqlite or external."),
        Fact("k3s.joined", "bool", "Whether it has been part of a cluster."),
        Fact("k3s.node_name", "text", "What it calls its node, or would: the host's name where it is told nothing."),
        Fact(
            "k3s.authority", "text or null",
            "SHA-256 of the certificate of its cluster's authority: the same on all machines of a cluster."),
    ]

    /// Whether the list has a fact at the path, or some below it, or one that holds it.
    ///
    /// - Parameter path: keys as far as they are names; any other key may be one.
    public static func has(_ path: [String?]) -> Bool {
        list.contains { fact in
            zip(fact.name.split(separator: "."), path).allSatisfy { $1 == nil || $0 == $1! }
        }
    }

    /// The names alone, as maps in maps.
    public static let outline: Value = {
        var maps: OrderedDictionary<String, Value> = [:]
        for fact in list {
            let parts = fact.name.split(separator: ".", maxSplits: 1).map(String.init)
            var entries = maps[parts[0]]?.map ?? [:]
            if parts.count > 1 { entries[parts[1]] = .null }
            maps[parts[0]] = .map(entries)
        }
        return .map(maps)
    }()

    /// The facts from the probe's standard output: a map, in the order of the list.
    /// - Throws: `Failure` when the output is not what the probe prints.
    public static func read(_ output: [UInt8]) throws(Failure) -> Value {
        try FactsReader(output).facts
    }
}
