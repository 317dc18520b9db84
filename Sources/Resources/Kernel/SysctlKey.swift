import Model

/// The names of kernel parameters, their places in /proc/sys, and what grep says of both.
enum SysctlKey {
    /// `net/ipv4/conf/eth0.1/rp_filter` is sysctl's other way to write `net.ipv4.conf.eth0/1.rp_filter`.
    static func canonical(_ key: String) -> String {
        guard let first = key.first(where: { $0 == "." || $0 == "/" }), first == "/" else { return key }
        return String(key.map { $0 == "." ? "/" : $0 == "/" ? "." : $0 })
    }

    static func isKey(_ key: String) -> Bool {
        let parts = key.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count > 1
            && parts.allSatisfy { part in
                !part.isEmpty && part != "/" && part != "//"
                    && part.utf8.allSatisfy {
                        ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A)
                            || [
                                UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "@"),
                                UInt8(ascii: ":"),
                            ].contains($0)
                    }
            }
    }

    static func path(_ key: String) -> String {
        "/proc/sys/" + String(key.map { $0 == "." ? "/" : $0 == "/" ? "." : $0 })
    }

    /// The places of parameters, or of folders of them, that the kernel sets anew when this one is set. Forwarding makes
    /// a machine a router, which resets accept_redirects and each interface's forwarding; what is set for all or by
    /// default is copied to interfaces; a limit in bytes puts the one in per cent out of use; some have two names.
    static func alters(_ key: String) -> [String] {
        if key == "net.ipv4.ip_forward" || key == "net.ipv4.conf.all.forwarding" {
            return ["/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/conf"]
        }
        for folder in ["net.ipv4.conf.default.", "net.ipv6.conf.all.", "net.ipv6.conf.default."]
        where key.hasPrefix(folder) {
            return ["/proc/sys/" + folder.split(separator: ".").prefix(3).joined(separator: "/")]
        }
        let pairs = [
            ("vm.dirty_bytes", "vm.dirty_ratio"), ("vm.dirty_background_bytes", "vm.dirty_background_ratio"),
            ("vm.overcommit_kbytes", "vm.overcommit_ratio"),
            ("net.nf_conntrack_max", "net.netfilter.nf_conntrack_max"),
            ("fs.inotify.max_user_instances", "user.max_inotify_instances"),
            ("fs.inotify.max_user_watches", "user.max_inotify_watches"),
        ]
        for (one, other) in pairs where key == one || key == other { return [path(key == one ? other : one)] }
        return []
    }

    /// Puts parameters of the network that kubani holds back to their values, after something that resets some.
    ///
    /// - Parameter except: the file of the one that is being set.
    static func putBack(except: String = "") -> Script {
        """
        for kept in /etc/sysctl.d/99-zz-kubani-net.*.conf; do
            if [ -f "$kept" ] && [ "$kept" != \(except) ]; then sysctl -q -e -p "$kept" 2>/dev/null; fi
        done
        :
        """
    }

    /// An extended regular expression for the key in either way to write it.
    static func pattern(_ key: String) -> String {
        String(key.flatMap { $0 == "." || $0 == "/" ? "[./]" : String($0) })
    }

    /// A value with single spaces: the kernel separates numbers by tabs.
    static func spaced(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" || $0 == "\n" }.joined(separator: " ")
    }

    /// `PATH:VALUE` lines of grep -H, several for a parameter of several lines.
    static func values(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let (path, value) = cut(line) else { continue }
            values[path] = values[path].map { "\($0) \(value)" } ?? value
        }
        return values
    }

    /// A line of a file that sets a parameter at boot.
    struct Setting: Sendable, Hashable {
        var path: String
        var key: String
        var value: String

        /// Files are read in the order of their names, whatever their folder; only `/etc/sysctl.conf` is read last of
        /// all, and by few.
        func isReadAfter(_ other: String) -> Bool { fileName(path) > fileName(other) }
    }

    /// `PATH:key = value` lines in the order in which they are applied.
    static func settings(_ text: String) -> [Setting] {
        var settings: [Setting] = []
        for line in text.split(separator: "\n") {
            guard let (path, rest) = cut(line), let equals = rest.firstIndex(of: "="), path != "/etc/sysctl.conf" else {
                continue
            }
            let key = rest[..<equals].filter { $0 != " " && $0 != "\t" }
            settings.append(
                Setting(
                    path: path, key: canonical(String(key.first == "-" ? key.dropFirst() : key[...])),
                    value: spaced(String(rest[rest.index(after: equals)...]))))
        }
        return settings.enumerated().sorted {
            (fileName($0.element.path), $0.offset) < (fileName($1.element.path), $1.offset)
        }.map(\.element)
    }

    static func hint(for key: String) -> String {
        let modules = [
            "net.bridge.": "br_netfilter", "net.netfilter.nf_conntrack": "nf_conntrack", "net.ipv4.vs.": "ip_vs",
            "net.nf_conntrack_max": "nf_conntrack",
        ]
        if let module = modules.first(where: { key.hasPrefix($0.key) })?.value {
            return "it comes with the module \(module): put a kernel_module task before this one"
        }
        if key.hasPrefix("net.ipv6.") { return "the kernel was started without IPv6" }
        return "is its name right? `sysctl -a` lists them; some come with a kernel module"
    }

    /// Cut at the first colon: no path that is looked at has one but those of parameters of an interface alias.
    private static func cut(_ line: Substring) -> (String, String)? {
        let start = line.hasPrefix("/proc/sys/") ? line.lastIndex(of: ":") : line.firstIndex(of: ":")
        guard let colon = start else { return nil }
        return (String(line[..<colon]), String(line[line.index(after: colon)...]))
    }

    private static func fileName(_ path: String) -> Substring {
        path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    }
}
