import Model
import OrderedCollections

/// What k3s is going to be told on a machine, held against what it was told there before and against what others have
/// put beside it.
public struct K3sSetup: ShellKind {
    public static let name = "k3s_setup"
    public static let summary = """
        Refuses to go on where k3s on the machine would lose something: a cluster that its unit, environment or \
        configuration files keep elsewhere, a node's name, a setting that nothing here has, or where another file, drop-in \
        or variable would win over what is asked for. What changes without harm is a warning. It changes nothing.
        """
    public static let example = """
        - name: nothing of k3s is lost
          k3s_setup:
            command: server
            node: "{{ inventory_hostname }}"
            data_dir: /var/lib/rancher/k3s
            files: { config.yaml: { node-ip: "{{ tailscale_ip }}" } }
        """
    public static let changesNothing = true
    public static let fields = [
        Field("command", .oneOf(["server", "agent"]), required: true, "What the machine is to be."),
        Field("node", .string, required: true, "The name that its node is to have."),
        Field("data_dir", .path, required: true, "Where k3s is to keep its data."),
        Field(
            "files", .map(.any),
            "The configuration that is going to be written, by the files' names below /etc/rancher/k3s."),
        Field("arguments", .list(.string), "Its arguments after `server` or `agent`."),
        Field("environment", .map(.any), "Variables of its service."),
        Field("has_token", .bool, "Whether a token is written for it, in a file of its own (false)."),
        Field(
            "forget", .list(.string),
            "Flags and variables that it was told and may lose, by name: `disable`, `HTTPS_PROXY`."),
    ]

    let command: String
    let node: String
    let folder: String
    let files: OrderedDictionary<String, OrderedDictionary<String, Value>>
    let arguments: [String]
    let environment: OrderedDictionary<String, Value>
    let hasToken: Bool
    let forgotten: Set<String>

    public typealias Found = K3sMachine

    public init(_ arguments: Arguments) throws(InputErrors) {
        command = arguments.string("command") ?? "server"
        node = arguments.string("node") ?? ""
        folder = arguments.string("data_dir") ?? K3sMachine.usualFolder
        files = (arguments.map("files") ?? [:]).mapValues { $0.map ?? [:] }
        self.arguments = arguments.strings("arguments") ?? []
        environment = arguments.map("environment") ?? [:]
        hasToken = arguments.bool("has_token") ?? false
        forgotten = Set(arguments.strings("forget") ?? [])
    }

    public var subject: String { "k3s \(command)" }

    public static func probe(_ all: [K3sSetup]) -> Script { K3sProbe.script }

    /// All of a node's look at the same machine.
    public static func read(_ output: [UInt8], of all: [K3sSetup]) throws(Failure) -> [K3sMachine] {
        var output = ProbeOutput(output, deed: "look at k3s")
        let machine = try K3sMachine(&output)
        try output.end()
        return all.map { _ in machine }
    }

    public var touches: [Effect] { [] }
    /// What a run changes before k3s's own tasks is nothing of k3s's, so a plan can always say it.
    public func dependsOn(_ found: K3sMachine) -> [Effect] { [] }

    public func difference(from found: K3sMachine) -> Difference {
        let takeover = K3sTakeover(setup: self, machine: found)
        let problems = takeover.problems
        guard problems.isEmpty else {
            let hints = problems.compactMap(\.hint)
            return .fails(
                cause: problems.map(\.cause).joined(separator: "; "),
                hint: hints.isEmpty ? nil : OrderedSet(hints).joined(separator: "; "))
        }
        let losses = takeover.notes
        return losses.isEmpty ? .none("nothing of k3s is lost") : .warns(losses.joined(separator: "; "))
    }
}

extension K3sSetup {
    var unitName: String { command == "server" ? "k3s" : "k3s-agent" }
    var unitPath: String { "/etc/systemd/system/\(unitName).service" }
    var environmentPath: String { "\(unitPath).env" }
    private var configFolder: String { "/etc/rancher/k3s/" }
    var tokenPath: String { "\(configFolder)config.yaml.d/token.yaml" }

    /// The variables that roles take for each: what a flag that is to stay is written into.
    func variable(for flag: String) -> String {
        switch flag {
        case "tls-san" where command == "server": "k3s_tls_san"
        case "disable" where command == "server": "k3s_disable"
        case "kubelet-arg": "k3s_kubelet_args"
        case "cluster-cidr": "cluster_cidr"
        case "service-cidr": "service_cidr"
        case "cluster-domain": "cluster_domain"
        default: command == "server" ? "k3s_server_config" : "k3s_agent_config"
        }
    }

    static let argumentsSource = "the arguments"

    /// What is asked for, by itself.
    var asked: K3sOptions {
        let own = files.map { K3sConfigFile(path: configFolder + $0.key, $0.value) }
        return K3sOptions(
            files: own, words: arguments, from: Self.argumentsSource, environment: asSaid(environment))
    }

    private func asSaid(_ variables: OrderedDictionary<String, Value>) -> OrderedDictionary<String, K3sOptions.Said> {
        variables.mapValues { .init(value: $0.revealed.description, source: environmentPath) }
    }

    /// What k3s will be told on a machine when all of it is written, beside what others have there.
    func told(on machine: K3sMachine) -> K3sTold {
        let text = """
            \(K3sUnit.mark)
            [Service]
            EnvironmentFile=-/etc/default/%N
            EnvironmentFile=-/etc/sysconfig/%N
            EnvironmentFile=-\(environmentPath)
            ExecStart=/usr/local/bin/k3s \(command)
            """
        var unit = K3sUnit(name: unitName, path: unitPath, text: text, files: machine.files)
        if unit?.commandSource == unitPath {
            // As systemd_quote writes them: nothing in them is for systemd to replace.
            unit?.arguments = arguments.map { $0.replacing("$", with: "$$").replacing("%", with: "%%") }
        }
        var variables = unit?.environment(machine.files, replacing: [environmentPath: ""]) ?? [:]
        for (name, value) in asSaid(environment) { variables[name] = value }
        let words = unit?.words(variables) ?? []
        let configPath = K3sMachine.configPath(words, variables)
        var texts = machine.configFiles(configPath)
        for (name, map) in files {
            let own = K3sConfigFile(path: configFolder + name, map)
            texts.removeAll { $0.path == own.path }
            texts.append(own)
        }
        texts.sort { a, b in
            if (a.path == configPath) != (b.path == configPath) { return a.path == configPath }
            return a.path.utf8.lexicographicallyPrecedes(b.path.utf8)
        }
        return K3sTold(
            options: K3sOptions(
                files: texts, words: words, from: "ExecStart of \(unit?.commandSource ?? unitPath)",
                environment: variables), files: texts, environment: variables, configPath: configPath,
            commandSource: unit?.commandSource ?? unitPath, command: unit?.command ?? command)
    }

    /// Whether something said comes from what kubani writes.
    func isOwn(_ source: String) -> Bool {
        ([unitPath, environmentPath, tokenPath] + files.keys.map { configFolder + $0 })
            .contains { source == $0 || source.hasSuffix(" \($0)") }
    }
}

/// All that k3s will be told, and by which files.
struct K3sTold {
    var options: K3sOptions
    var files: [K3sConfigFile]
    var environment: OrderedDictionary<String, K3sOptions.Said>
    var configPath: String
    var commandSource: String
    var command: String
}
