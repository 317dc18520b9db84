import Model

/// A kernel module that is loaded, now and after a reboot.
public struct KernelModule: ShellKind {
    public static let name = "kernel_module"
    public static let summary = """
        Keeps a kernel module loaded: now, and after a reboot by a file in /etc/modules-load.d. What is built into the \
        kernel counts as loaded and needs no file.
        """
    public static let example = """
        - name: bridged traffic passes the firewall
          kernel_module: br_netfilter
        """
    public static let shorthand: String? = "name"
    public static let fields = [Field("name", .string, required: true, "The module: br_netfilter.")]

    let module: String
    let file: ManagedText

    public struct Found: Sendable, Equatable {
        enum State: String, Sendable, Equatable {
            case loaded
            /// In the kernel itself; nothing is to be loaded at boot.
            case builtIn = "built-in"
            case loadable
            case missing
        }

        var state: State
        var kernel: String
        var file: ManagedText.Found
    }

    public init(_ arguments: Arguments) throws(InputErrors) {
        let given = arguments.string("name") ?? ""
        let isName =
            !given.isEmpty && !given.hasPrefix("-")
            && given.unicodeScalars.allSatisfy {
                $0 == "_" || $0 == "-" || ($0.isASCII && $0.properties.isAlphabetic) || ("0"..."9").contains($0)
            }
        guard isName else {
            throw InputErrors(
                arguments.error("kernel_module.name: '\(arguments.shown("name"))' is no module name", at: "name"))
        }
        // The kernel takes - and _ for the same and shows _.
        module = given.replacing("-", with: "_")
        file = ManagedText(path: "/etc/modules-load.d/kubani-\(module).conf", text: "# Written by kubani.\n\(module)\n")
    }

    public var subject: String { module }

    /// The effect first: a kernel may have a module built in and no /lib/modules to say so. Only a module that none of
    /// these shows is asked of modprobe.
    public static func probe(_ all: [KernelModule]) -> Script {
        Script.lines(
            [
                """
                kernel=$(uname -r)
                printf '%s\\0' "$kernel"
                loaded=$(cut -d ' ' -f 1 /proc/modules 2>/dev/null)
                builtin=$(sed 's:.*/::; s/\\.ko.*//' "/lib/modules/$kernel/modules.builtin" 2>/dev/null | tr - _)
                filesystems=$(sed 's/.*[[:space:]]//' /proc/filesystems 2>/dev/null)
                among() { case "
                $1
                " in *"
                $2
                "*) return 0 ;; esac; return 1; }
                look_at_module() {
                    if among "$loaded" "$1"; then printf 'loaded\\0'
                    elif [ -d "/sys/module/$1" ] || among "$builtin" "$1" || among "$filesystems" "$1" || { [ -n "$2" ] && [ -e "$2" ]; }; then
                        printf 'built-in\\0'
                    elif modprobe -n -q -- "$1" 2>/dev/null; then printf 'loadable\\0'
                    else printf 'missing\\0'
                    fi
                }
                """,
                ManagedText.prepare(all.map(\.file)),
            ] + all.map { "look_at_module \($0.module) \(effects[$0.module] ?? "")\n\($0.file.look)" })
    }

    /// What shows that a module is at work, for those that are neither a file system nor always in /sys/module.
    private static let effects = [
        "br_netfilter": "/proc/sys/net/bridge", "nf_conntrack": "/proc/sys/net/netfilter/nf_conntrack_max",
        "ip_vs": "/proc/net/ip_vs", "ip_tables": "/proc/net/ip_tables_names",
        "ip6_tables": "/proc/net/ip6_tables_names", "tun": "/sys/class/misc/tun", "bridge": "/proc/sys/net/bridge",
        "iscsi_tcp": "/sys/class/iscsi_transport/tcp", "nfsd": "/proc/fs/nfsd", "zram": "/sys/class/zram-control",
        "ipv6": "/proc/net/if_inet6", "fuse": "/sys/class/misc/fuse", "loop": "/sys/class/misc/loop-control",
        "dm_mod": "/sys/class/misc/device-mapper", "rbd": "/sys/bus/rbd",
    ]

    public static func read(_ output: [UInt8], of all: [KernelModule]) throws(Failure) -> [Found] {
        var fields = FieldReader(output, deed: "look at kernel modules")
        let kernel = try fields.next()
        var found: [Found] = []
        for module in all {
            let word = try fields.next()
            guard let state = Found.State(rawValue: word) else {
                throw fields.unreadable("no word about the module \(module.module)")
            }
            found.append(Found(state: state, kernel: kernel, file: try module.file.read(&fields)))
        }
        try fields.end()
        return found
    }

    public func difference(from found: Found) -> Difference {
        if found.state == .builtIn { return .none("built into the kernel \(found.kernel)") }
        if found.state == .missing {
            return .fails(
                cause: "the kernel \(found.kernel) has no module \(module)",
                hint: "it may be in a package of its own (linux-modules-extra-\(found.kernel) on Ubuntu), or the node "
                    + "may have a new kernel and not be rebooted yet")
        }
        var details: [Detail] = []
        var steps: [Step] = []
        if found.state == .loadable {
            details.append(.attribute("now", from: "not loaded", to: "loaded"))
            steps.append(.run("modprobe -- \(module)", deadline: .seconds(60)))
        }
        if file.detail(from: found.file) != nil {
            let was: Shown? = found.file == .absent ? nil : "other content"
            details.append(.attribute("after a reboot (\(file.path))", from: was, to: "loaded"))
            steps.append(file.write)
        }
        if steps.isEmpty { return .none("loaded, now and after a reboot") }
        return .change(Change(found.state == .loadable ? .create : .update, details: details, steps: steps))
    }

    public var touches: [Effect] { [.modules, .path("/sys/module/\(module)"), .path(file.path)] }

    /// Not `.modules`: one module does not hang on another's task. A missing one may come with a package.
    public func dependsOn(_ found: Found) -> [Effect] {
        let own: [Effect] = [.path("/sys/module/\(module)"), .path(file.path)]
        return found.state == .missing ? own + [.packages, .path("/lib/modules")] : own
    }
}
