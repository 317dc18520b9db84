import Model
import OrderedCollections
import Report

/// What a node told once we were in, and what is to be thought of it: pure.
struct NodeVitals: Sendable {
    /// As `Facts.list` documents them.
    var facts: Value
    /// How far the node's clock is certainly from this machine's, in seconds; ahead is more than 0.
    var skew: Int
    /// `tailscale_ip` of the inventory.
    var tailscaleAddress: String?
    /// Where k3s keeps its data, or is to, and `df -Pk` of the file system there.
    var dataFolder: String
    var dataDisk: Disk?

    struct Disk: Sendable, Hashable {
        var totalMB: Int
        var freeMB: Int

        init(totalMB: Int, freeMB: Int) {
            self.totalMB = totalMB
            self.freeMB = freeMB
        }

        /// From a line of `df -Pk`, read from the right: a device's name may hold spaces.
        init?(df line: String) {
            let words = line.split { $0 == " " || $0 == "\n" }
            guard words.count >= 6, let total = Int(words[words.count - 5]), let free = Int(words[words.count - 3])
            else {
                return nil
            }
            self.init(totalMB: total / 1024, freeMB: free / 1024)
        }
    }

    static let names = ["clock", "disk /", "disk of k3s", "tailscale"]

    var findings: [Finding] { [clock, rootDisk, k3sDisk, tailscale] }

    /// - Parameters:
    ///   - time: the node's, in whole seconds since 1970, the rest cut off.
    ///   - asked: this machine's clock before and after the node was asked.
    static func skew(time: Int, asked: ClosedRange<Double>) -> Int {
        if Double(time) > asked.upperBound { return Int((Double(time) - asked.upperBound).rounded(.up)) }
        if Double(time + 1) < asked.lowerBound { return -Int((asked.lowerBound - Double(time + 1)).rounded(.up)) }
        return 0
    }

    private var clock: Finding {
        let (off, way) = (abs(skew), skew > 0 ? "ahead of" : "behind")
        if off <= 2 { return Finding("clock", .ok, "as this machine's") }
        return Finding(
            "clock", off <= 30 ? .warn : .fail, "\(Self.span(off)) \(way) this machine's",
            hint: "sudo timedatectl set-ntp true there, or put this machine's clock right: certificates and etcd need "
                + "clocks that agree")
    }

    /// "12 s", "3 min", "2 h", "5 d".
    static func span(_ seconds: Int) -> String {
        switch seconds {
        case ..<180: "\(seconds) s"
        case ..<10_800: "\(seconds / 60) min"
        case ..<259_200: "\(seconds / 3600) h"
        default: "\(seconds / 86400) d"
        }
    }

    private var rootDisk: Finding {
        let root = facts["disks"]?["/"]
        guard let total = root?["total_mb"]?.int, let free = root?["free_mb"]?.int else {
            return Finding("disk /", .warn, "df tells nothing of it")
        }
        return Self.judged("disk /", Disk(totalMB: total, freeMB: free), "")
    }

    private var k3sDisk: Finding {
        guard let dataDisk else { return Finding("disk of k3s", .warn, "df tells nothing of \(dataFolder)") }
        return Self.judged("disk of k3s", dataDisk, ", for \(dataFolder)")
    }

    /// k3s lets the kubelet evict pods where less than a twentieth of a disk is free.
    private static func judged(_ name: String, _ disk: Disk, _ place: String) -> Finding {
        let percent = disk.totalMB > 0 ? disk.freeMB * 100 / disk.totalMB : 0
        let text = "\(size(disk.freeMB)) of \(size(disk.totalMB)) free (\(percent) %)\(place)"
        if percent < 5 || disk.freeMB < 1024 {
            return Finding(name, .fail, text, hint: "make room: below 5 % pods are evicted and no image is pulled")
        }
        if percent < 15 || disk.freeMB < 5120 { return Finding(name, .warn, text, hint: "make room before it is full") }
        return Finding(name, .ok, text)
    }

    private static func size(_ megabytes: Int) -> String {
        megabytes < 10_240 ? "\(megabytes) MB" : "\(megabytes / 1024) GB"
    }

    private var tailscale: Finding {
        guard let address = tailscaleAddress else {
            return Finding(
                "tailscale", .fail, "the inventory has no tailscale_ip", hint: "set it: kubani discover shows it")
        }
        let interfaces = facts["interfaces"]?.map ?? [:]
        if let holder = interfaces.first(where: { ($0.value.list ?? []).contains { $0.string == address } }) {
            return Finding("tailscale", .ok, "\(address) on \(holder.key)")
        }
        let there = interfaces.first { $0.key.hasPrefix("tailscale") }
        let addresses = (there?.value.list ?? []).compactMap(\.string).joined(separator: ", ")
        return Finding(
            "tailscale", .fail,
            "no interface has \(address)"
                + (there.map { ", \($0.key) has \(addresses.isEmpty ? "none" : addresses)" } ?? ""),
            hint: there == nil
                ? "run 'sudo tailscale up' there" : "correct tailscale_ip in the inventory, or run 'tailscale ip' there"
        )
    }
}
