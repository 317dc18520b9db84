import OrderedCollections

/// Single settings: what would be lost, what changes, and what wins over kubani's files.
extension K3sTakeover {
    /// Looked at by themselves, above.
    private static let judged: Set = [
        "data-dir", "datastore-endpoint", "node-name", "with-node-id", "token", "token-file", "server", "cluster-init",
        "config", "cluster-reset", "cluster-reset-restore-path", "cluster-cidr", "service-cidr", "cluster-domain",
    ]

    /// What k3s is told and nobody will tell it any more: a flag's values, with who says them.
    private var lost: [(name: String, values: [K3sOptions.Said])] {
        now.said.compactMap { name, values in
            guard !Self.judged.contains(name), !setup.forgotten.contains(name) else { return nil }
            let next = Set(then.options[name].map(\.value))
            let gone: [K3sOptions.Said]
            if K3sFlags.lists.contains(name), name != "node-ip" {
                gone = values.filter { !next.contains($0.value) }
            } else {
                gone = next.isEmpty ? values.filter { !["", "false", "0"].contains($0.value) } : []
            }
            return gone.isEmpty ? nil : (name, gone)
        }
    }

    /// A node that has joined keeps its labels and taints in the API, whatever it is told.
    private func isKept(_ name: String) -> Bool {
        ["node-label", "node-taint"].contains(name) && machine.folder(machine.dataFolder(now)) != nil
    }

    var kept: [String] {
        lost.filter { isKept($0.name) }.flatMap { name, values in values.map { shown(name, $0) } }
    }

    var losses: [Problem] {
        var told: [String] = []
        var keeps: OrderedDictionary<String, [String]> = [:]
        var names: [String] = []
        for (name, values) in lost where !isKept(name) {
            told += values.map { shown(name, $0) }
            names.append(name)
            let texts = K3sFlags.isSecret(name) ? ["…"] : values.map { Self.quoted($0.value) }
            let list = K3sFlags.lists.contains(name) ? "[\(texts.joined(separator: ", "))]" : texts[0]
            let variable = setup.variable(for: name)
            keeps[variable, default: []].append(variable.hasSuffix("_config") ? "\(name): \(list)" : list)
        }
        let variables = (machine.unit?.environment(machine.files) ?? [:]).filter { name, _ in
            K3sFlags.environment[name] == nil && then.environment[name] == nil && !setup.forgotten.contains(name)
        }
        for (name, value) in variables {
            told.append("\(name) (\(value.source))")
            names.append(name)
            keeps["k3s_environment", default: []].append("\(name): …")
        }
        guard !told.isEmpty else { return [] }
        let hints = keeps.map { variable, parts in
            let isMap = variable.hasSuffix("_config") || variable == "k3s_environment"
            return "\(variable): \(isMap ? "{\(parts.joined(separator: ", "))}" : parts.joined(separator: " + "))"
        }
        return [
            Problem(
                cause: "k3s was told what the inventory does not have: \(told.joined(separator: ", "))",
                hint:
                    "keep it by \(hints.joined(separator: ", ")); or let it go by k3s_forget: [\(names.joined(separator: ", "))]"
            )
        ]
    }

    /// Settings that kubani makes itself.
    var changed: [(old: String, new: String)] {
        now.said.compactMap { name, values in
            guard !Self.judged.contains(name), !K3sFlags.lists.contains(name) || name == "node-ip" else { return nil }
            let next = then.options[name]
            guard !next.isEmpty, !values.isEmpty, next.map(\.value) != values.map(\.value) else { return nil }
            let new = K3sFlags.isSecret(name) ? "another" : next.map(\.value).joined(separator: ",")
            return (values.map { shown(name, $0) }.joined(separator: ", "), new)
        }
    }

    private func shown(_ name: String, _ said: K3sOptions.Said) -> String {
        "\(name)\(K3sFlags.isSecret(name) ? "" : "=\(said.value)") (\(said.source))"
    }

    private static func quoted(_ text: String) -> String {
        text.wholeMatch(of: /[A-Za-z0-9\/][A-Za-z0-9._=\/-]*/) == nil || ["true", "false"].contains(text)
            ? "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"" : text
    }

    // MARK: What wins over kubani's files

    var overrides: [Problem] {
        var found: [Problem] = []
        if then.configPath != K3sMachine.usualConfig {
            found.append(
                Problem(
                    cause: "k3s will read \(then.configPath) in place of \(K3sMachine.usualConfig)",
                    hint:
                        "take `config` or K3S_CONFIG_FILE away: what is in the file goes into \(setup.variable(for: ""))"
                ))
        }
        if then.command != setup.command {
            found.append(
                Problem(cause: "\(then.commandSource) makes it k3s \(then.command)", hint: "take its ExecStart away"))
        } else if then.commandSource != setup.unitPath, !setup.arguments.isEmpty {
            found.append(
                Problem(
                    cause: "the ExecStart of \(then.commandSource) takes the place of kubani's, with its arguments",
                    hint: "move what it says to k3s_\(setup.command)_args"))
        }
        for (name, wanted) in asked.said where !["node-name", "data-dir"].contains(name) {
            let next = then.options[name]
            let missing = wanted.filter { one in
                !one.value.isEmpty && !next.contains { $0.value == one.value }
                    // A drop-in that takes the arguments' place is named above.
                    && (one.source != K3sSetup.argumentsSource || then.commandSource == setup.unitPath)
            }
            guard !missing.isEmpty else { continue }
            found.append(override(name, by: next.last?.source ?? then.commandSource))
        }
        if setup.hasToken, let token = then.options.last("token"), !setup.isOwn(token.source) {
            found.append(override("token", by: token.source))
        }
        return found
    }

    private func override(_ name: String, by source: String) -> Problem {
        Problem(
            cause: "\(source) says another \(name), and wins over kubani's",
            hint: "take \(name) out of it; what you want of it goes into \(setup.variable(for: name))")
    }
}
