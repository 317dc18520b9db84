import Model

/// The node's own name.
public struct Hostname: ShellKind {
    public struct Found: Sendable, Equatable {
        /// What /etc/hostname says; empty for nothing.
        var kept: String
        /// What the kernel says now.
        var running: String
        /// /etc/hosts, where it is asked for.
        var hosts: String?
    }

    public static let name = "hostname"
    public static let summary =
        "The node's own name, now and after a reboot, and, if asked for, its line in /etc/hosts. Programs that run "
        + "keep the name that they started with."
    public static let example = """
        - name: the node is called as in the inventory
          hostname:
            name: node-1
            hosts: true
        """
    public static let shorthand: String? = "name"
    public static let fields = [
        Field("name", .string, required: true, "The name, in one or several parts: node-1, node-1.example.com."),
        Field(
            "hosts", .bool,
            "Whether /etc/hosts is to know it: where no line there has it, 127.0.1.1 gets it in place of the old name "
                + "(false)."),
    ]

    let name: String
    let inHosts: Bool

    public init(_ arguments: Arguments) throws(InputErrors) {
        name = arguments.string("name") ?? ""
        inHosts = arguments.bool("hosts") ?? false
        if !Self.isName(name) {
            throw InputErrors(
                arguments.error(
                    "hostname.name: '\(arguments.shown("name"))' is no name of a machine", at: "name",
                    hint: "letters, digits and '-' in parts with '.' between them, at most 64 in all"))
        }
    }

    private static func isName(_ name: String) -> Bool {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        return (1...64).contains(name.utf8.count)
            && labels.allSatisfy { label in
                !label.isEmpty && label.first != "-" && label.last != "-"
                    && label.unicodeScalars.allSatisfy {
                        $0 == "-" || ($0.isASCII && $0.properties.isAlphabetic) || ("0"..."9").contains($0)
                    }
            }
    }

    public var subject: String { name }

    public static func probe(_ all: [Hostname]) -> Script {
        let hosts: Script = all.contains { $0.inHosts } ? "[ ! -f /etc/hosts ] || tr -d '\\000' </etc/hosts" : ":"
        return """
            [ ! -f /etc/hostname ] || tr -d '\\000' </etc/hostname
            printf '\\0'
            cat /proc/sys/kernel/hostname
            printf '\\0'
            \(hosts)
            printf '\\0'
            """
    }

    public static func read(_ output: [UInt8], of all: [Hostname]) throws(Failure) -> [Found] {
        var fields = FieldReader(output, deed: "look at the node's name")
        let kept = try fields.nextLineText()
        let running = try fields.nextLineText()
        let hosts = try fields.nextBytes()
        try fields.end()
        guard let text = String(validating: hosts, as: UTF8.self) else {
            throw Failure(deed: "look at the node's name", cause: "/etc/hosts is not UTF-8")
        }
        return all.map { Found(kept: kept, running: running, hosts: $0.inHosts ? text : nil) }
    }

    public func difference(from found: Found) -> Difference {
        var details: [Detail] = []
        var steps: [Step] = []
        if found.kept != name {
            details.append(
                .attribute("/etc/hostname", from: found.kept.isEmpty ? nil : Shown(found.kept), to: Shown(name)))
            steps.append(
                .write(FileWrite(path: "/etc/hostname", content: .bytes(Array("\(name)\n".utf8)), mode: 0o644)))
        }
        if found.running != name {
            details.append(.attribute("now", from: Shown(found.running), to: Shown(name)))
        }
        if let hosts = found.hosts {
            let new = HostsFile.naming(name, insteadOf: found.kept, in: hosts)
            if new != hosts {
                details.append(.text("/etc/hosts", from: Shown(hosts), to: Shown(new)))
                steps.append(.write(FileWrite(path: "/etc/hosts", content: .bytes(Array(new.utf8)))))
            }
        }
        if details.isEmpty { return .none(name) }
        if found.kept != name || found.running != name {
            // hostnamed tells those who ask it; where it is not, the kernel alone is told.
            steps.append(
                .run(
                    """
                    if [ -d /run/systemd/system ] && hostnamectl set-hostname -- \(name) 2>/dev/null; then
                    :
                    elif command -v hostname >/dev/null; then
                    hostname \(name)
                    else
                    printf '%s\\n' \(name) >/proc/sys/kernel/hostname
                    fi
                    """, deadline: .seconds(60)))
        }
        return .change(Change(.update, details: details, steps: steps))
    }

    public var touches: [Effect] { [.path("/etc/hostname")] + (inHosts ? [.path("/etc/hosts")] : []) }
    public func dependsOn(_ found: Found) -> [Effect] { touches }
    public var altersFacts: [String] { ["hostname"] }
}
