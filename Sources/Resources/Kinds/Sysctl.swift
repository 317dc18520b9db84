import Model

/// A kernel parameter held at a value, now and after a reboot.
public struct Sysctl: ShellKind {
    public static let name = "sysctl"
    public static let summary = """
        Keeps a kernel parameter at a value: now, in /proc/sys, and after a reboot, by a file of its own in \
        /etc/sysctl.d that is read after the distribution's.
        """
    public static let example = """
        - name: IPv4 forwarding
          sysctl: { key: net.ipv4.ip_forward, value: 1 }
        """
    public static let fields = [
        Field("key", .string, required: true, "The parameter, as `sysctl` writes it: net.ipv4.ip_forward."),
        Field("value", .string, required: true, "Its value; several numbers are separated by spaces."),
    ]

    let key: String
    let value: Shown
    private let plainValue: String
    let file: ManagedText

    public struct Found: Sendable, Equatable {
        /// nil when the running kernel has no such parameter.
        var now: String?
        var file: ManagedText.Found
        /// A file that is read after ours and sets another value.
        var overriddenBy: Override?
    }

    struct Override: Sendable, Hashable {
        var path: String
        var value: String
    }

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        let given = arguments.string("key") ?? ""
        key = SysctlKey.canonical(given)
        if !SysctlKey.isKey(key) {
            errors.append(
                arguments.error(
                    "sysctl.key: '\(arguments.shown("key"))' is no kernel parameter", at: "key",
                    hint: "net.ipv4.ip_forward")
            )
        }
        plainValue = SysctlKey.spaced(arguments.string("value") ?? "")
        value = Shown(plainValue, isSensitive: arguments.isSensitive("value"))
        // Blanks between numbers may be tabs, as the kernel shows them.
        arguments.checkLine("value", kind: Self.name, allowing: "\t\n", into: &errors)
        if plainValue.isEmpty { errors.append(arguments.error("sysctl.value: a value is needed", at: "value")) }
        // After 99-sysctl.conf, which Debian links to /etc/sysctl.conf; one file a parameter, so that no two tasks meet.
        file = ManagedText(
            path: "/etc/sysctl.d/99-zz-kubani-\(key.replacing("/", with: "_")).conf",
            text: "# Written by kubani.\n\(key) = \(plainValue)\n", isSensitive: value.isSensitive)
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { key }

    /// One grep for all the values, one for all the files that could override them.
    public static func probe(_ all: [Sysctl]) -> Script {
        let paths = all.map { SysctlKey.path($0.key) }
        let keys = all.map { SysctlKey.pattern($0.key) }.joined(separator: "|")
        return Script.lines(
            [
                """
                grep -H '' -- \(paths) /dev/null 2>/dev/null
                printf '\\0'
                set -- /dev/null
                for file in /etc/sysctl.conf /etc/sysctl.d/*.conf /run/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf /lib/sysctl.d/*.conf; do
                    [ ! -f "$file" ] || set -- "$@" "$file"
                done
                if [ -f /etc/ufw/sysctl.conf ] && [ -f /etc/ufw/ufw.conf ] && grep -q '^ENABLED=yes' /etc/ufw/ufw.conf; then
                    set -- "$@" /etc/ufw/sysctl.conf
                fi
                grep -H -E -e \("^[[:space:]]*-?[[:space:]]*(\(keys))[[:space:]]*=") "$@" 2>/dev/null
                printf '\\0'
                """,
                ManagedText.prepare(all.map(\.file)),
            ] + all.map(\.file.look))
    }

    public static func read(_ output: [UInt8], of all: [Sysctl]) throws(Failure) -> [Found] {
        var fields = FieldReader(output, deed: "look at kernel parameters")
        let values = SysctlKey.values(try fields.nextLineText())
        let settings = SysctlKey.settings(try fields.nextLineText())
        var found: [Found] = []
        for sysctl in all {
            let later = settings.last {
                $0.key == sysctl.key && $0.path != sysctl.file.path && $0.isReadAfter(sysctl.file.path)
            }
            found.append(
                Found(
                    now: values[SysctlKey.path(sysctl.key)].map(SysctlKey.spaced), file: try sysctl.file.read(&fields),
                    overriddenBy: later.flatMap {
                        $0.value == sysctl.plainValue ? nil : Override(path: $0.path, value: $0.value)
                    }))
        }
        try fields.end()
        return found
    }

    public func difference(from found: Found) -> Difference {
        guard let now = found.now else {
            return .fails(cause: "the running kernel has no parameter \(key)", hint: SysctlKey.hint(for: key))
        }
        var details: [Detail] = []
        var steps: [Step] = []
        if now != plainValue {
            details.append(
                .attribute("now", from: Shown(now, isSensitive: value.isSensitive), to: value))
            steps.append(.run(setNow, deadline: .seconds(10)))
        }
        if let detail = file.detail(from: found.file) {
            if case .text(_, let from, _) = detail {
                details.append(
                    .attribute("after a reboot (\(file.path))", from: from == nil ? nil : "another value", to: value))
            }
            steps.append(file.write)
        }
        let warning = found.overriddenBy.map {
            "\($0.path) sets \(key) to \($0.value) after a reboot, for it is read later"
        }
        if steps.isEmpty { return warning.map { .warns($0) } ?? .none("\(value), now and after a reboot") }
        if let warning { details.append(.note(warning)) }
        return .change(Change(.update, details: details, steps: steps))
    }

    /// The value is read back: a kernel may take one and keep another.
    private var setNow: Script {
        let path = SysctlKey.path(key)
        return """
            if [ ! -w \(path) ]; then
                echo \("\(path) cannot be written") >&2
                echo 'hint: a container sees most of /proc/sys read-only; set it on the machine around it' >&2
                exit 1
            fi
            printf '%s\\n' \(plainValue) >\(path) || {
                echo \("hint: the kernel does not take this value for \(key)") >&2
                exit 1
            }
            set -- $(cat \(path))
            [ "$*" = \(plainValue) ] || { printf '%s\\n' "the kernel made it $*" >&2; exit 1; }
            \(SysctlKey.alters(key).isEmpty ? Script("") : SysctlKey.putBack(except: file.path))
            """
    }

    public var touches: [Effect] {
        [.sysctl, .path(SysctlKey.path(key)), .path(file.path)] + SysctlKey.alters(key).map { .path($0) }
    }

    /// Not `.sysctl`: few parameters' values hang on another's, and those say so. One that is missing may come with a module.
    public func dependsOn(_ found: Found) -> [Effect] {
        [.path(SysctlKey.path(key)), .path(file.path)] + (found.now == nil ? [.modules, .packages] : [])
    }
}
