import OrderedCollections

/// A unit of systemd that runs k3s, with its drop-ins.
struct K3sUnit: Equatable {
    /// Without `.service`.
    var name: String
    var path: String
    /// The drop-ins that count, in their order.
    var dropIns: [String]
    /// `server` or `agent`.
    var command: String
    /// Whether kubani wrote it: the first line of its template says so.
    var isOwn: Bool
    /// What stands in ExecStart= after `server` or `agent`.
    var arguments: [String]
    /// The file whose ExecStart= counts.
    var commandSource: String
    /// Lines of `Environment=` and `EnvironmentFile=`, in their order, and the files that they are in.
    private var environmentLines: [Line]

    private struct Line: Equatable {
        var isFile: Bool
        var text: String
        var source: String
    }

    static let mark = "# Written by kubani"

    /// Where systemd looks for units; of one name the first counts.
    private static let places = [
        "/etc/systemd/system/", "/run/systemd/system/", "/usr/local/lib/systemd/system/", "/usr/lib/systemd/system/",
        "/lib/systemd/system/",
    ]

    static func all(in files: OrderedDictionary<String, String>) -> [K3sUnit] {
        var seen: Set<String> = []
        return places.flatMap { place in
            files.compactMap { path, text -> K3sUnit? in
                guard path.hasPrefix(place), path.hasSuffix(".service") else { return nil }
                let name = String(path.dropFirst(place.count).dropLast(".service".count))
                guard !name.contains("/"), seen.insert(name).inserted else { return nil }
                return K3sUnit(name: name, path: path, text: text, files: files)
            }
        }
    }

    /// - Returns: nil for a unit that does not run k3s as a server or an agent.
    init?(name: String, path: String, text: String, files: OrderedDictionary<String, String>) {
        self.name = name
        self.path = path
        isOwn = text.hasPrefix(Self.mark)
        dropIns = Self.dropIns(of: name, in: files)
        environmentLines = []
        var lines: [(line: String, source: String)] = []
        for (source, text) in [(path, text)] + dropIns.map({ ($0, files[$0] ?? "") }) {
            let unit = UnitFile(text)
            for setting in unit.settings where setting.section == "Service" {
                switch setting.key {
                case "ExecStart":
                    if setting.value.isEmpty { lines = [] } else { lines.append((setting.value, source)) }
                case "Environment", "EnvironmentFile":
                    let isFile = setting.key == "EnvironmentFile"
                    if setting.value.isEmpty {
                        environmentLines.removeAll { $0.isFile == isFile }
                    } else {
                        environmentLines.append(Line(isFile: isFile, text: setting.value, source: source))
                    }
                default: break
                }
            }
        }
        for (line, source) in lines {
            guard let (command, arguments) = Self.k3sCommand(UnitWords.split(line)) else { continue }
            self.command = command
            self.arguments = arguments
            commandSource = source
            return
        }
        return nil
    }

    /// Those of the unit's own folder and of the folder for all services: sorted by name, of one name the first place's.
    private static func dropIns(of name: String, in files: OrderedDictionary<String, String>) -> [String] {
        var chosen: [String: String] = [:]
        for folder in ["\(name).service.d/", "service.d/"] {
            for place in places {
                for path in files.keys where path.hasPrefix(place + folder) && path.hasSuffix(".conf") {
                    let file = String(path.dropFirst((place + folder).count))
                    if chosen[file] == nil { chosen[file] = path }
                }
            }
        }
        return chosen.sorted { $0.key < $1.key }.map(\.value)
    }

    /// `server` or `agent` and what follows, wherever k3s stands in the words: behind env, nice, or in a shell's text.
    private static func k3sCommand(_ words: [String]) -> (String, [String])? {
        for (index, word) in words.enumerated() {
            let program = word.drop { "@-:+!|".contains($0) }.split(separator: "/").last ?? ""
            let rest = words[(index + 1)...]
            if program == "k3s" || program.hasPrefix("k3s-arm") || program == "k3s-server" || program == "k3s-agent",
                let command = rest.first, command == "server" || command == "agent"
            {
                return (command, Array(rest.dropFirst()))
            }
        }
        for word in words where word.contains("k3s") && word.contains(where: \.isWhitespace) {
            if let found = k3sCommand(UnitWords.split(word)) { return found }
        }
        return nil
    }

    /// Variables as systemd sets them: files count over `Environment=`, later ones over earlier ones.
    ///
    /// - Parameter replacing: texts of files that are going to be others.
    func environment(
        _ files: OrderedDictionary<String, String>, replacing: [String: String] = [:]
    ) -> OrderedDictionary<String, K3sOptions.Said> {
        var found: OrderedDictionary<String, K3sOptions.Said> = [:]
        for line in environmentLines where !line.isFile {
            for word in UnitWords.split(line.text) {
                guard let equals = word.firstIndex(of: "=") else { continue }
                found[String(word[..<equals])] = .init(
                    value: String(word[word.index(after: equals)...]), source: line.source)
            }
        }
        for line in environmentLines where line.isFile {
            let path = String(line.text.drop { $0 == "-" })
                .replacing("%N", with: name).replacing("%p", with: name).replacing("%n", with: name + ".service")
            guard let text = replacing[path] ?? files[path] else { continue }
            for (name, value) in EnvironmentText.read(text) { found[name] = .init(value: value, source: path) }
        }
        return found
    }

    /// The words after `server` or `agent`, with variables in them replaced.
    func words(_ environment: OrderedDictionary<String, K3sOptions.Said>) -> [String] {
        UnitWords.expanded(
            arguments, by: Dictionary(uniqueKeysWithValues: environment.map { ($0.key, $0.value.value) }))
    }
}
