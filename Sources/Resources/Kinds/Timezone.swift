import Model

/// The time zone that the node shows its time in.
public struct Timezone: ShellKind {
    public struct Found: Sendable, Equatable {
        /// Where /etc/localtime leads; empty where it is no link.
        var link: String
        /// What /etc/timezone says; nil where this system has no such file.
        var written: String?
        /// Whether the zone that was asked for is on the node.
        var isKnown: Bool
        /// Whether what /etc/localtime leads to is that very zone; false for what leads nowhere.
        var isLed = true
    }

    public static let name = "timezone"
    public static let summary =
        "The time zone of the node: where /etc/localtime leads, and /etc/timezone on systems of Debian's kind. Programs "
        + "that run keep the zone that they started with; cron, say, wants to be restarted by a handler."
    public static let example = """
        - name: the time is shown as in Berlin
          timezone: Europe/Berlin
        """
    public static let shorthand: String? = "name"
    public static let fields = [
        Field("name", .string, required: true, "A zone below /usr/share/zoneinfo: Europe/Berlin, Etc/UTC.")
    ]

    let name: String
    var zone: String { "/usr/share/zoneinfo/\(name)" }

    public init(_ arguments: Arguments) throws(InputErrors) {
        name = arguments.string("name") ?? ""
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            !part.isEmpty && !part.hasPrefix(".") && !part.hasPrefix("-")
                && part.unicodeScalars.allSatisfy {
                    ($0.isASCII && $0.properties.isAlphabetic) || "0123456789_+-".unicodeScalars.contains($0)
                }
        }
        if !isName {
            throw InputErrors(
                arguments.error(
                    "timezone.name: '\(arguments.shown("name"))' is no name of a time zone", at: "name",
                    hint: "Europe/Berlin, say; `timedatectl list-timezones` lists them"))
        }
    }

    public var subject: String { name }

    public static func probe(_ all: [Timezone]) -> Script {
        .lines(
            [
                """
                if [ -L /etc/localtime ]; then readlink /etc/localtime; fi
                printf '\\0'
                if [ -f /etc/timezone ]; then cat /etc/timezone; elif [ -f /etc/debian_version ]; then :; else printf -- -; fi
                printf '\\0'
                """
            ]
                + all.map {
                    "if [ -f \($0.zone) ]; then printf '1\\0'; else printf '0\\0'; fi; if [ /etc/localtime -ef \($0.zone) ]; then printf '1\\0'; else printf '0\\0'; fi"
                })
    }

    public static func read(_ output: [UInt8], of all: [Timezone]) throws(Failure) -> [Found] {
        var fields = FieldReader(output, deed: "look at the time zone")
        let link = try fields.nextLineText()
        let written = try fields.nextLineText()
        var found: [Found] = []
        for _ in all {
            found.append(
                Found(
                    link: link, written: written == "-" ? nil : written, isKnown: try fields.nextInt() == 1,
                    isLed: try fields.nextInt() == 1))
        }
        try fields.end()
        return found
    }

    public func difference(from found: Found) -> Difference {
        guard found.isKnown else {
            return .fails(
                cause: "the node has no time zone \(name)",
                hint: "is it spelt right? `timedatectl list-timezones` lists them; they come with the package tzdata")
        }
        var details: [Detail] = []
        var steps: [Step] = []
        let old = found.link.firstRange(of: "zoneinfo/").map { String(found.link[$0.upperBound...]) } ?? found.link
        if old != name || !found.isLed {
            let was = old != name ? old : "\(found.link), which is not that zone"
            details.append(.attribute("/etc/localtime", from: was.isEmpty ? nil : Shown(was), to: Shown(name)))
            steps.append(
                .run(
                    """
                    rm -f /etc/.kubani-localtime
                    ln -s -- \("../usr/share/zoneinfo/" + name) /etc/.kubani-localtime || exit
                    mv -fT /etc/.kubani-localtime /etc/localtime 2>/dev/null || mv -f /etc/.kubani-localtime /etc/localtime
                    """, deadline: .seconds(30)))
        }
        if let written = found.written, written != name {
            details.append(
                .attribute("/etc/timezone", from: written.isEmpty ? nil : Shown(written), to: Shown(name)))
            steps.append(
                .write(FileWrite(path: "/etc/timezone", content: .bytes(Array("\(name)\n".utf8)), mode: 0o644)))
        }
        if steps.isEmpty { return .none(name) }
        return .change(Change(.update, details: details, steps: steps))
    }

    public var touches: [Effect] { [.path("/etc/localtime"), .path("/etc/timezone")] }
    public func dependsOn(_ found: Found) -> [Effect] {
        touches + [.path(zone), .package("tzdata")] + (found.isKnown ? [] : [.packages])
    }
}
