import Model

/// Holds a server's key against what is known, and says what to do where they do not agree.
struct HostTrust: Sendable {
    let check: HostKeyCheck
    private let target: Target
    private let files: KnownHostsFiles

    init(target: Target, vouched: [PublicKey]) {
        self.target = target
        files = KnownHostsFiles(user: target.userKnownHosts, system: target.systemKnownHosts)
        check = HostKeyCheck(name: target.knownAs, port: target.port, known: files.read(), vouched: vouched)
    }

    /// - Throws: `unreachable`, with fingerprints and a hint, for a key that is not to be trusted.
    func judge(_ key: PublicKey) throws(Failure) {
        let name = KnownHosts.name(target.knownAs, port: target.port)
        let shown = "its \(key.name) key is \(key.fingerprint)"
        switch check.verdict(on: key) {
        case .trusted: return
        case .revoked(let line):
            throw failure("its \(key.name) host key \(key.fingerprint) is revoked (\(line.place))", hint: nil)
        case .changed(let line):
            throw failure(
                "its host key has CHANGED: somebody may be in between",
                detail: "\(shown)\nknown is \(line.key.fingerprint) (\(line.place))",
                hint: "if the machine was set up anew: ssh-keygen -f \(Script("\(line.file)").text) "
                    + "-R \(Script("\(name)").text)")
        case .unknown(let elsewhere):
            if !elsewhere.isEmpty {
                let known = elsewhere.map { "\($0.key.name) \($0.key.fingerprint) (\($0.place))" }
                throw failure(
                    "it shows none of the host keys known for it", detail: ([shown] + known).joined(separator: "\n"),
                    hint: "if the machine was set up anew: ssh-keygen -f \(Script("\(elsewhere[0].file)").text) "
                        + "-R \(Script("\(name)").text)")
            }
            guard target.acceptsNewHostKeys else {
                throw failure(
                    "its host key is not known: \(key.name) \(key.fingerprint)",
                    hint: "compare it with `ssh-keygen -lf /etc/ssh/ssh_host_\(key.name.lowercased())_key.pub` there, "
                        + "then use --accept-new-host-keys, or connect once with ssh")
            }
            let line = KnownHosts.newLine(
                target.knownAs, port: target.port, key: key, isHashed: target.hashesKnownHosts)
            if let problem = files.append(line) {
                throw failure(
                    "its new host key could not be written to \(files.user.first ?? "known_hosts"): \(problem)",
                    hint: nil)
            }
        }
    }

    private func failure(_ cause: String, detail: String? = nil, hint: String?) -> Failure {
        Failure(
            .unreachable, host: target.name, deed: "trust \(target.peer)", cause: cause, detail: detail, hint: hint)
    }
}
