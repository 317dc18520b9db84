import Foundation
import Testing

/// All that a node is, as far as a plan may not change it: every file's kind, mode, owner, size, times of content and of
/// change, and link target, and what the kernel and systemd hold.
///
/// Left out are what is not on the disk (/proc, /sys, /dev, /run), and /var/log: sshd, sudo and logind write every
/// connection down there. Everything else counts, /tmp too.
struct Fingerprint: Equatable, CustomTestStringConvertible {
    let lines: Set<Substring>
    let testDescription = "a node's fingerprint"

    init(of node: String, in lab: Lab) async throws {
        let text = try await lab.read(
            node,
            """
            for place in / /tmp /var/tmp; do
                find $place -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /var/log \\) -prune \
                    -o -printf '%p %y %m %U %G %s %T@ %C@ %l\\n'
            done
            cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding /proc/swaps /proc/modules
            sysctl -a 2>/dev/null | grep -E '^net\\.(bridge|ipv4\\.(ip_|conf)|ipv6\\.conf)'
            iptables-save | grep -v '^[#:]'
            systemctl list-units --plain --no-legend --all --type=service,timer,socket
            systemctl list-unit-files --plain --no-legend
            """)
        // A unit of systemd's own that a connection wakes is no change.
        lines = Set(text.split(separator: "\n").filter { !$0.hasPrefix("user@") && !$0.hasPrefix("user-runtime-dir@") })
    }

    /// What is there now and was not, and what was there and is not.
    func changes(to later: Fingerprint) -> [Substring] { lines.symmetricDifference(later.lines).sorted() }
}

extension Lab {
    /// When each service and timer of a node was started.
    func startTimes(of node: String) async throws -> [String: String] {
        let text = try await read(
            node,
            "systemctl show --property=Id,ActiveEnterTimestampMonotonic $(systemctl list-units --plain --no-legend "
                + "--state=active --type=service,socket,timer | cut -d' ' -f1 | grep -v ^user)")
        return text.components(separatedBy: "\n\n").reduce(into: [:]) { times, unit in
            let lines = unit.split(separator: "\n").sorted(by: >)
            guard lines.count == 2 else { return }
            times[String(lines[0].dropFirst(3))] = String(lines[1])
        }
    }
}
