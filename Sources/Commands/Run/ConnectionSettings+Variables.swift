import Inventory
import Model
import Roles
import Template

extension ConnectionSettings {
    /// How the inventory says to reach a host: its `ansible_…` variables, rendered.
    ///
    /// - Throws: every one of them that cannot be used.
    init(host: String, on site: Site) throws(InputErrors) {
        self.init(host: host)
        let scope = site.scope(host: host)
        var errors: [InputError] = []

        func value(_ names: String...) -> Value? {
            for name in names {
                do throws(InputErrors) {
                    if let found = try scope.resolve([.string(name)])?.value, !found.isNull { return found }
                } catch {
                    errors += error.errors
                }
            }
            return nil
        }
        func text(_ names: [String], _ value: Value?) -> String? {
            guard let value else { return nil }
            if let text = value.string { return text }
            if let number = value.int { return String(number) }
            errors.append(InputError("\(names[0]) needs text, not \(value.typeName)", at: value.origin))
            return nil
        }
        func truth(_ name: String) -> Bool? {
            guard let value = value(name) else { return nil }
            switch value.bool.map({ $0 ? "true" : "false" }) ?? value.string?.lowercased() {
            case "true", "yes", "on", "1": return true
            case "false", "no", "off", "0": return false
            default:
                errors.append(InputError("\(name) needs true or false", at: value.origin))
                return nil
            }
        }

        let named = value("ansible_host", "ansible_ssh_host")
        address = text(["ansible_host"], named) ?? host
        if !address.contains(where: { !$0.isWhitespace }) {
            errors.append(
                InputError(
                    "ansible_host of \(host) is empty", at: named?.origin,
                    hint: "take it out where the host's name is its address"))
        }
        if let found = value("ansible_port", "ansible_ssh_port") {
            port = found.int ?? found.string.flatMap { Int($0) }
            if port.map({ !(1...65535).contains($0) }) ?? true {
                errors.append(InputError("ansible_port needs a port from 1 to 65535", at: found.origin))
            }
        }
        user = text(["ansible_user"], value("ansible_user", "ansible_ssh_user"))
        privateKeyFile = text(
            ["ansible_ssh_private_key_file"], value("ansible_ssh_private_key_file", "ansible_private_key_file"))
        // In the order in which Ansible puts them before ssh: the first that says something counts.
        let arguments = ["ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args"]
            .compactMap { text([$0], value($0)) }.filter { !$0.isEmpty }
        commonArguments = arguments.isEmpty ? nil : arguments.joined(separator: " ")
        password = text(["ansible_password"], value("ansible_password", "ansible_ssh_pass", "ansible_ssh_password"))
            .map { Secret($0) }
        becomes = truth("ansible_become") ?? true
        becomeUser = text(["ansible_become_user"], value("ansible_become_user")) ?? "root"
        becomePassword = text(
            ["ansible_become_password"], value("ansible_become_password", "ansible_become_pass", "ansible_sudo_pass")
        ).map { Secret($0) }
        /// One of the names that a variable may have.
        func name(_ variable: String, _ kinds: KeyValuePairs<String, [String]>) -> String? {
            guard let found = value(variable) else { return nil }
            for (kind, names) in kinds where names.contains(found.string ?? "") { return kind }
            errors.append(
                InputError(
                    "\(variable): '\(found)' is not known here", at: found.origin,
                    hint: kinds.map(\.key).joined(separator: " and ") + (kinds.count == 1 ? " is" : " are")))
            return nil
        }
        if name("ansible_connection", ["ssh": KnownVariables.sshNames, "local": KnownVariables.localNames]) == "local" {
            method = .local
        } else if name("kubani_transport", ["libssh2": ["libssh2"], "openssh": ["openssh"]]) == "openssh" {
            method = .openssh
        }
        if becomes { _ = name("ansible_become_method", ["sudo": KnownVariables.sudoNames]) }
        if !errors.isEmpty { throw InputErrors(errors) }
    }
}
