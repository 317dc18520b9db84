import Model

extension FactsReader {
    /// From os-release.
    var os: Value {
        let lines = files["/etc/os-release"] ?? files["/usr/lib/os-release"] ?? []
        var release: [String: String] = [:]
        for line in lines {
            guard let equals = line.firstIndex(of: "="), !line.hasPrefix("#") else { continue }
            release[String(line[..<equals])] = Self.unquoted(line[line.index(after: equals)...])
        }
        let id = release["ID"] ?? "linux"
        let version = release["VERSION_ID"] ?? ""
        return [
            "id": .string(id), "version": .string(version),
            "version_major": Int(version.prefix { $0.isNumber }).map(Value.int) ?? nil,
            "codename": .string(release["VERSION_CODENAME"] ?? ""),
            "family": .string(Self.family([id] + (release["ID_LIKE"] ?? "").split(separator: " ").map(String.init))),
            "name": .string(release["PRETTY_NAME"] ?? id),
        ]
    }

    /// A value of os-release, which is a shell's assignment.
    private static func unquoted(_ value: Substring) -> String {
        guard let quote = value.first, quote == "\"" || quote == "'", value.count > 1, value.last == quote else {
            return String(value)
        }
        var out = ""
        var isEscaped = false
        for character in value.dropFirst().dropLast() {
            if character == "\\", quote == "\"", !isEscaped {
                isEscaped = true
            } else {
                out.append(character)
                isEscaped = false
            }
        }
        return out
    }

    private static let families: [String: String] = [
        "debian": "debian", "ubuntu": "debian", "raspbian": "debian", "rhel": "redhat", "fedora": "redhat",
        "centos": "redhat", "rocky": "redhat", "almalinux": "redhat", "ol": "redhat", "amzn": "redhat",
        "suse": "suse", "opensuse": "suse", "sles": "suse", "arch": "arch", "archarm": "arch", "alpine": "alpine",
    ]

    private static func family(_ ids: [String]) -> String {
        ids.lazy.compactMap { families[$0] }.first ?? ids[0]
    }
}
