import Model

/// The command line of the user's own `ssh` for a machine: it reads its configuration as in the user's terminal, and what
/// has to hold for a run without anybody at the keyboard stands before all else.
struct OpenSSHCommand: Sendable {
    /// ssh's program and its options, up to the machine's name.
    var words: [String]

    /// - Parameters:
    ///   - alias: what the user calls the machine, which `Host` sections are for.
    ///   - settings: what the inventory sets; nil for a stop on the way.
    ///   - proxy: how the machine before it is reached, where it lies behind another.
    init(
        _ target: Target, alias: String, user: String?, port: Int?, keyFile: String?, common: CommonArguments,
        configFile: String?, proxy: OpenSSHCommand?, timeout: Duration
    ) {
        words = ["ssh"]
        func set(_ keyword: String, _ value: String) { words += ["-o", "\(keyword)=\(value)"] }
        // The first value counts, so none of these can be loosened.
        set("BatchMode", "yes")
        set("StrictHostKeyChecking", target.acceptsNewHostKeys ? "accept-new" : "yes")
        set("NoHostAuthenticationForLocalhost", "no")
        set("VerifyHostKeyDNS", "no")
        set("UserKnownHostsFile", Self.files(target.userKnownHosts))
        set("GlobalKnownHostsFile", Self.files(target.systemKnownHosts))
        set("ConnectTimeout", "\(max(1, timeout.components.seconds))")
        set("ServerAliveInterval", "15")
        set("ServerAliveCountMax", "4")
        // One that is open is used; a new one would outlive us.
        set("ControlMaster", "no")
        set("ClearAllForwardings", "yes")
        set("PermitLocalCommand", "no")
        set("RemoteCommand", "none")
        set("RequestTTY", "no")
        set("LogLevel", "ERROR")
        if let proxy { set("ProxyCommand", proxy.proxyCommand) }
        if let configFile { words += ["-F", configFile] }
        if let user { words += ["-l", user] }
        if let port { words += ["-p", String(port)] }
        if let keyFile { set("IdentityFile", "\"\(keyFile)\"") }
        words += common.forCommand
        words.append(alias)
    }

    /// As ProxyCommand has it: what is `%` here is `%%` there.
    private var proxyCommand: String {
        // ssh puts `exec` before it.
        var script: Script = "ssh"
        for word in words.dropFirst().dropLast() { script = script + " \(word.replacing("%", with: "%%"))" }
        let name = words.last ?? ""
        return script.text + " -W '[%h]:%p' " + Script("\(name)").text
    }

    private static func files(_ paths: [String]) -> String {
        if paths.isEmpty { return "/dev/null" }
        return paths.map { "\"\($0.replacing("%", with: "%%"))\"" }.joined(separator: " ")
    }
}
