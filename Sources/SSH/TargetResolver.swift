import Model
import Polling
import Subprocess
import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Finds out how to reach a host: the inventory's values first, then `ansible_ssh_common_args`, then ssh_config, as if
/// all had stood on OpenSSH's command line.
struct TargetResolver: Sendable {
    var options: SSHOptions

    func target(
        for settings: ConnectionSettings, until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> Target { try await resolved(settings, until: deadline).target }

    /// With the arguments of ssh that it was resolved by.
    func resolved(
        _ settings: ConnectionSettings, until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> (target: Target, common: CommonArguments) {
        func failure(_ cause: String, hint: String? = nil) -> Failure {
            Failure(.unreachable, host: settings.host, deed: "connect to \(settings.address)", cause: cause, hint: hint)
        }
        guard Self.isPlain(settings.address) else {
            throw failure("'\(settings.address)' is no host name or address", hint: "look at ansible_host")
        }
        if let user = settings.user, !Self.isPlain(user) {
            throw failure("'\(user)' is no user name", hint: "look at ansible_user")
        }
        let common: CommonArguments
        do {
            common =
                try settings.commonArguments.map { text throws(CommonArguments.Problem) in try CommonArguments(text) }
                ?? CommonArguments()
        } catch {
            throw failure(
                error.message, hint: "look at ansible_ssh_args, ansible_ssh_common_args and ansible_ssh_extra_args")
        }
        var own = SSHSettings()
        own.user = settings.user
        own.port = settings.port
        if let file = settings.privateKeyFile { own.identityFiles = [file] }
        let resolved = try await resolve(settings.address, own: own, common: common, until: deadline)
        if let jump = resolved.proxyJump, jump != "none", Hop.list(jump) == nil {
            throw failure(
                "'\(jump)' cannot be read as ProxyJump", hint: "it is [user@]host[:port], with commas between")
        }
        var target = Target(name: settings.host, alias: settings.address, resolved, options)
        target.lentKey = settings.privateKeyFile
        target.configFile = common.configFile
        return (target, common)
    }

    /// A stop on the way.
    ///
    /// - Parameters:
    ///   - lentKey: tried after its own keys.
    ///   - configFile: `-F`, which ssh hands on to the stops; no other argument is.
    func target(
        for hop: Hop, lentKey: String?, configFile: String?, until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> Target {
        guard Self.isPlain(hop.host), Self.isPlain(hop.user ?? "user") else {
            throw Failure(.unreachable, host: hop.host, deed: "connect to \(hop.host)", cause: "this is no host name")
        }
        var own = SSHSettings()
        own.user = hop.user
        own.port = hop.port
        var common = CommonArguments()
        if let configFile {
            common.configFile = configFile
            common.words = ["-F", configFile]
        }
        let resolved = try await resolve(hop.host, own: own, common: common, until: deadline)
        var target = Target(name: hop.host, alias: hop.host, resolved, options)
        target.lentKey = lentKey
        target.configFile = configFile
        if let lentKey {
            let path = options.expand(lentKey, host: target.address, user: target.user)
            if !target.keyFiles.contains(path) { target.keyFiles.append(path) }
        }
        return target
    }

    /// Names that could pass for an option, or mean something to a shell, are no names.
    static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix("-")
            && name.unicodeScalars.allSatisfy { scalar in
                !" \t\n\r'\"`$\\;&<>|(){}*?!#\u{0}".unicodeScalars.contains(scalar) && scalar.value >= 0x20
            }
    }

    private func resolve(
        _ alias: String, own: SSHSettings, common: CommonArguments, until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> SSHSettings {
        if try isConfigured(alias, common.configFile) {
            return try await ask(alias, own: own, common: common, until: deadline)
        }
        var merged = own
        let other = common.settings
        merged.hostname = other.hostname
        merged.user = own.user ?? other.user
        merged.port = own.port ?? other.port
        merged.identityFiles = own.identityFiles + other.identityFiles.filter { !own.identityFiles.contains($0) }
        merged.identitiesOnly = other.identitiesOnly
        merged.identityAgent = other.identityAgent
        merged.proxyJump = other.proxyJump
        merged.proxyCommand = other.proxyCommand
        merged.userKnownHostsFiles = other.userKnownHostsFiles
        merged.systemKnownHostsFiles = other.systemKnownHostsFiles
        merged.strictHostKeyChecking = other.strictHostKeyChecking
        merged.hostKeyAlias = other.hostKeyAlias
        merged.hashKnownHosts = other.hashKnownHosts
        merged.revokedHostKeys = other.revokedHostKeys
        merged.algorithms = other.algorithms
        return merged
    }

    /// Whether any configuration file could say something about the host.
    ///
    /// - Throws: where one cannot be read: without it another machine could be reached than is meant.
    private func isConfigured(_ alias: String, _ commonFile: String?) throws(Failure) -> Bool {
        let user = ("\(options.home)/.ssh/config", "\(options.home)/.ssh")
        let system = ("/etc/ssh/ssh_config", "/etc/ssh")
        let files: [(path: String, folder: String)]
        if let file = commonFile ?? options.configFile {
            files = file == "none" ? [] : [(options.expand(file, host: alias, user: ""), user.1)]
        } else {
            files = [user, system]
        }
        let isNamed = (commonFile ?? options.configFile) != nil
        for file in files {
            let bytes: [UInt8]
            switch readFile(file.path) {
            case .success(let all): bytes = all
            case .failure(.missing) where !isNamed: continue
            case .failure(let problem):
                throw Failure(
                    .unreachable, host: alias, deed: "resolve \(alias) by ssh_config",
                    cause: "\(file.path) \(problem.isMissing ? "is not there" : problem.description)")
            }
            let scan = ConfigScan { pattern in
                let path = options.expand(pattern, host: alias, user: "")
                return Self.texts(path.hasPrefix("/") ? path : "\(file.folder)/\(path)")
            }
            if scan.matters(String(decoding: bytes, as: UTF8.self), for: alias) { return true }
        }
        return false
    }

    private static func texts(_ pattern: String) -> [String]? {
        var found = glob_t()
        defer { globfree(&found) }
        // A folder that cannot be read is no folder without files.
        let code = glob(pattern, GLOB_ERR, nil, &found)
        if code == GLOB_NOMATCH { return [] }
        guard code == 0 else { return nil }
        var texts: [String] = []
        for index in 0..<Int(found.gl_pathc) {
            guard let path = found.gl_pathv[index] else { continue }
            guard case .success(let bytes) = readFile(String(cString: path)) else { return nil }
            texts.append(String(decoding: bytes, as: UTF8.self))
        }
        return texts
    }

    /// Lets ssh itself resolve its configuration. Going on without it could reach another machine than is meant.
    private func ask(
        _ alias: String, own: SSHSettings, common: CommonArguments, until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> SSHSettings {
        var words = ["-G"]
        if common.configFile == nil, let file = options.configFile { words += ["-F", file] }
        if let user = own.user { words += ["-l", user] }
        if let port = own.port { words += ["-p", String(port)] }
        // Not -i, which would silently drop a file that is not there.
        for file in own.identityFiles { words += ["-o", "IdentityFile=\"\(file)\""] }
        words += common.words + [alias]
        let arguments = words
        @Sendable func failure(_ cause: String, detail: String? = nil) -> Failure {
            Failure(
                .unreachable, host: alias, deed: "resolve \(alias) by ssh_config", cause: cause, detail: detail,
                hint: "try 'ssh -G \(alias)'; it comes with OpenSSH's client")
        }
        let answer = await withinDeadline(deadline) { () -> Result<String, Failure>? in
            do {
                let result = try await Subprocess.run(
                    .name("ssh"), arguments: Arguments(arguments), output: .string(limit: 1 << 20),
                    error: .string(limit: 1 << 16))
                guard result.terminationStatus.isSuccess else {
                    return .failure(failure("ssh -G refuses", detail: result.standardError))
                }
                return .success(result.standardOutput)
            } catch {
                return .failure(failure("ssh cannot be run: \(error)"))
            }
        }
        guard let answer else { throw failure("ssh -G did not answer in time") }
        return SSHSettings(resolved: try answer.get())
    }
}
