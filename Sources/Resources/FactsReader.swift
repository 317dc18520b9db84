import Model
import OrderedCollections

/// Reads what `Facts.probe` prints. Lenient: a file or a program that a node lacks leaves a fact empty, not the run
/// without facts.
struct FactsReader {
    /// The lines of each file.
    let files: [String: [Substring]]
    private let machine: String
    private let time: Int
    private let disks: OrderedDictionary<String, Value>
    private let addresses: [Substring]
    private let detected: String
    private let model: String
    private let manager: String
    private let hasSystemd: Bool
    private let hasOpenRC: Bool
    private let hasDockerMark: Bool
    private let hasMemoryCgroup: Bool
    private let hasModules: Bool
    private let loader: String
    private let k3s: Value

    init(_ bytes: [UInt8]) throws(Failure) {
        var output = ProbeOutput(bytes, deed: "read the facts")
        func lines(_ text: String) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: true) }
        func trimmed(_ text: String) -> String { String(text.split(separator: "\n").first ?? "") }
        func flag() throws(Failure) -> Bool {
            switch try output.text() {
            case "yes": return true
            case "no": return false
            default: throw output.unreadable("a flag is missing")
            }
        }
        var files: [String: [Substring]] = [:]
        for line in lines(try output.text()) {
            guard let colon = line.firstIndex(of: ":") else { throw output.unreadable("'\(line)' names no file") }
            files[String(line[..<colon]), default: []].append(line[line.index(after: colon)...])
        }
        self.files = files
        let told = trimmed(try output.text())
        machine = told.isEmpty ? String(files["/proc/sys/kernel/arch"]?.first ?? "") : told
        time = try output.number()
        var disks: OrderedDictionary<String, Value> = [:]
        for (path, line) in zip(["/", "/var/lib"], lines(try output.text()).dropFirst()) {
            if let disk = Self.disk(line) { disks[path] = disk }
        }
        self.disks = disks
        addresses = lines(try output.text())
        detected = trimmed(try output.text())
        model = try output.text()
        manager = try output.text()
        hasSystemd = try flag()
        hasOpenRC = try flag()
        hasDockerMark = try flag()
        hasMemoryCgroup = try flag()
        hasModules = try flag()
        loader = try output.text()
        k3s = try K3sMachine(&output).facts
        try output.end()
        if machine.isEmpty || time == 0 { throw output.unreadable("uname or date said nothing") }
    }

    var facts: Value {
        let memory = Dictionary(
            words("/proc/meminfo").compactMap { line in
                line.count > 1 ? Int(line[1]).map { (line[0], $0 / 1024) } : nil
            }, uniquingKeysWith: { a, _ in a })
        return [
            "os": os,
            "arch": .string(arch),
            "machine": .string(machine),
            "kernel": .string(first("/proc/sys/kernel/osrelease")),
            "hostname": .string(first("/proc/sys/kernel/hostname")),
            "cpus": .int(max(1, cpus)),
            "memory_mb": .int(memory["MemTotal:"] ?? 0),
            "swap_mb": .int(memory["SwapTotal:"] ?? 0),
            "disks": .map(disks),
            "interfaces": .map(interfaces.mapValues { .list($0.map(Value.string)) }),
            "default_interface": defaultInterface.map(Value.string) ?? nil,
            "init": .string(hasSystemd ? "systemd" : hasOpenRC ? "openrc" : first("/proc/1/comm")),
            "package_manager": manager.isEmpty ? nil : .string(manager == "apt-get" ? "apt" : manager),
            "virtualisation": .string(virtualisation),
            "boot_id": .string(first("/proc/sys/kernel/random/boot_id")),
            "time": .int(time),
            "model": model.isEmpty ? nil : .string(model),
            "raspberry_pi": .bool(model.hasPrefix("Raspberry Pi")),
            "cgroup": cgroup,
            "has_modules_dir": .bool(hasModules),
            "k3s": k3s,
        ]
    }
}

extension FactsReader {
    private func first(_ file: String) -> String { String(files[file]?.first ?? "") }

    /// The words of each line of a file.
    private func words(_ file: String) -> [[Substring]] {
        (files[file] ?? []).map { $0.split { $0 == " " || $0 == "\t" } }
    }

    /// A 64-bit kernel may run 32-bit programs, as on many a Raspberry Pi: the loader tells.
    private var arch: String {
        switch machine {
        case "x86_64", "amd64": "amd64"
        case "aarch64", "arm64": loader.contains("armhf") ? "armhf" : "arm64"
        case "armv8l", "armv7l", "armv6l": "armhf"
        case "i386", "i486", "i586", "i686": "i386"
        case "ppc64le": "ppc64el"
        default: machine
        }
    }

    /// From ranges such as "0-3,6".
    private var cpus: Int {
        first("/sys/devices/system/cpu/online").split(separator: ",").reduce(0) { sum, range in
            let ends = range.split(separator: "-").compactMap { Int($0) }
            guard let low = ends.first, let high = ends.last else { return sum }
            return sum + max(0, high - low + 1)
        }
    }

    /// From a line of `df -P`; a device's name may hold spaces, so it is read from the right.
    private static func disk(_ line: Substring) -> Value? {
        let words = line.split(separator: " ")
        guard words.count >= 6, let total = Int(words[words.count - 5]), let free = Int(words[words.count - 3]) else {
            return nil
        }
        return [
            "device": .string(words.dropLast(5).joined(separator: " ")),
            "mount": .string(String(words[words.count - 1])),
            "total_mb": .int(total / 1024), "free_mb": .int(free / 1024),
        ]
    }

    /// From `ip -o addr`, or from /proc/net where there is no `ip`.
    private var interfaces: OrderedDictionary<String, [String]> {
        if addresses.isEmpty {
            return RouteFiles(
                trie: files["/proc/net/fib_trie"] ?? [], routes: words("/proc/net/route"),
                inet6: words("/proc/net/if_inet6")
            ).interfaces
        }
        var interfaces: OrderedDictionary<String, [String]> = [:]
        for line in addresses {
            // 2: eth0    inet 192.0.2.1/24 brd 192.0.2.255 scope global eth0
            let words = line.split(separator: " ")
            guard words.count > 3, words[2] == "inet" || words[2] == "inet6" else { continue }
            let name = String(words[1].split(separator: "@")[0])
            interfaces[name, default: []].append(String(words[3].split(separator: "/")[0]))
        }
        return interfaces
    }

    private var defaultInterface: String? {
        if let route = words("/proc/net/route").first(where: {
            $0.count > 7 && $0[1] == "00000000" && $0[7] == "00000000"
        }) {
            return String(route[0])
        }
        return words("/proc/net/ipv6_route")
            .first { $0.count > 9 && $0[0].allSatisfy { $0 == "0" } && $0[1] == "00" && $0[9] != "lo" }
            .map { String($0[9]) }
    }

    private static let containers: Set = [
        "systemd-nspawn", "lxc", "lxc-libvirt", "docker", "podman", "rkt", "wsl", "proot", "pouch", "openvz",
    ]

    /// In systemd-detect-virt's words; in a container systemd itself has them from the file.
    private var virtualisation: String {
        if !detected.isEmpty { return detected }
        if hasDockerMark { return "docker" }
        let container = first("/run/systemd/container")
        if !container.isEmpty { return Self.containers.contains(container) ? container : "container-other" }
        let maker = first("/sys/class/dmi/id/sys_vendor") + " " + first("/sys/class/dmi/id/product_name")
        let marks = [
            ("KVM", "kvm"), ("QEMU", "qemu"), ("VMware", "vmware"), ("innotek", "oracle"), ("VirtualBox", "oracle"),
            ("Xen", "xen"), ("Virtual Machine", "microsoft"), ("Amazon EC2", "amazon"), ("Google Compute", "google"),
            ("Parallels", "parallels"),
        ]
        return marks.first { maker.contains($0.0) }?.1 ?? "none"
    }

    /// Version 2 where it is all there is at /sys/fs/cgroup; a mix of both counts as 1, as its memory controller does.
    private var cgroup: Value {
        if let controllers = files["/sys/fs/cgroup/cgroup.controllers"] {
            return [
                "version": 2, "memory": .bool(controllers.contains { $0.split(separator: " ").contains("memory") }),
            ]
        }
        let isOn = words("/proc/cgroups").contains { $0.count > 3 && $0[0] == "memory" && $0[3] == "1" }
        return ["version": hasMemoryCgroup ? 1 : 0, "memory": .bool(hasMemoryCgroup && isOn)]
    }
}
