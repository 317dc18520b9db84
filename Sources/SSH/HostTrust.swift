import Model

/// Holds a server's key against what is known, and says what to do where they do not agree.
struct HostTrust: Sendable {
    let check: HostKeyCheck
    private let target: Target
    private let files: KnownHostsFiles

    /// - Throws: `unreachable` where a file that may say something of the host cannot be read.
    init(target: Target, vouched: [PublicKey]) throws(Failure) {
        self.target = target
        files = KnownHostsFiles(user: target.userKnownHosts, system: target.systemKnownHosts)
        let known: KnownHosts
        do { known = try files.read() } catch { throw Self.unreadable(error.file, error.problem, target) }
        var check = HostKeyCheck(name: target.knownAs, port: target.port, known: known, vouched: vouched)
        if let file = target.revokedHostKeys {
            switch readFile(file) {
            case .failure(let problem): throw Self.unreadable(file, problem, target)
            case .success(let bytes):
                do { check.revoked = (try RevokedKeys(bytes), file) } catch {
                    throw Self.unreadable(file, .unreadable(error.message), target)
                }
            }
        }
        self.check = check
    }

    /// - Parameter asked: the host-key algorithms that the server could choose from.
    /// - Throws: `unreachable`, with fingerprints and a hint, for a key that is not to be trusted.
    func judge(_ key: PublicKey, asked: [String]) throws(Failure) {
        let name = KnownHosts.name(target.knownAs, port: target.port)
        let shown = "its \(key.name) key is \(key.fingerprint)"
        switch check.verdict(on: key) {
        case .trusted: return
        case .revoked(let place):
            throw failure("its \(key.name) host key \(key.fingerprint) is revoked (\(place))", hint: nil)
        case .changed(let line):
            throw failure(
                "its host key has CHANGED: somebody may be in between",
                detail: "\(shown)\nknown is \(line.key.fingerprint) (\(line.place))",
                hint: "if the machine was set up anew: ssh-keygen -f \(Script("\(line.file)").text) "
                    + "-R \(Script("\(name)").text)")
        case .disowned:
            let vouched = check.vouched.map { "Tailscale vouches for \($0.name) \($0.fingerprint)" }
            throw failure(
                "it shows none of the host keys that Tailscale vouches for: somebody may be in between",
                detail: ([shown] + vouched).joined(separator: "\n"),
                hint: "if another sshd answers there: write its key into known_hosts")
        case .uncertified(let line):
            throw failure(
                "its host key is known by a certificate alone (@cert-authority, \(line.place)), and libssh2 "
                    + "\(SessionHandle.version) takes none", detail: shown, hint: OtherWay.hint)
        case .illegible(let damage):
            throw failure(
                "its host key is not known, for the line that names it cannot be read (\(damage.place))",
                detail: shown, hint: "mend or remove that line")
        case .unknown(let elsewhere):
            if !elsewhere.isEmpty { throw stranger(elsewhere, asked, shown, name) }
            try accept(key)
        }
    }

    /// It has keys that are known, and showed none of them.
    private func stranger(
        _ elsewhere: [KnownHosts.Line], _ asked: [String], _ shown: String, _ name: String
    ) -> Failure {
        let known = elsewhere.map { "known is \($0.key.name) \($0.key.fingerprint) (\($0.place))" }
        let detail = ([shown] + known).joined(separator: "\n")
        // The known key may still be the right one: libssh2 up to 1.10 cannot ask for an RSA key as servers show it.
        if !elsewhere.contains(where: { line in KeyType.algorithms(line.key.type).contains(where: asked.contains) }) {
            let types = Set(elsewhere.map(\.key.name)).sorted().joined(separator: " and ")
            return failure(
                "its host key is known as \(types), which libssh2 \(SessionHandle.version) cannot ask for",
                detail: detail,
                hint: OtherWay.hint
                    + "; or compare \(check.name)'s key of another type, and write it into known_hosts too")
        }
        return failure(
            "it shows none of the host keys known for it", detail: detail,
            hint: "if the machine was set up anew: ssh-keygen -f \(Script("\(elsewhere[0].file)").text) "
                + "-R \(Script("\(name)").text)")
    }

    /// Takes a key that nobody knows yet, where that is wanted, and writes it down.
    private func accept(_ key: PublicKey) throws(Failure) {
        guard target.acceptsNewHostKeys else {
            throw failure(
                "its host key is not known: \(key.name) \(key.fingerprint)",
                hint: "compare it with `ssh-keygen -lf /etc/ssh/ssh_host_\(key.name.lowercased())_key.pub` there, "
                    + "then use --accept-new-host-keys, or connect once with ssh")
        }
        let line = KnownHosts.newLine(target.knownAs, port: target.port, key: key, isHashed: target.hashesKnownHosts)
        if let problem = files.append(line) {
            throw failure(
                "its new host key could not be written to \(files.user.first ?? "known_hosts"): \(problem)", hint: nil)
        }
    }

    private static func unreadable(_ file: String, _ problem: KeyProblem, _ target: Target) -> Failure {
        Failure(
            .unreachable, host: target.name, deed: "trust \(target.peer)",
            cause: "\(file), which may tell its host key, \(problem.isMissing ? "is not there" : problem.description)",
            hint:
                "a key that cannot be compared is not trusted: `ls -l \(Script("\(file)").text)`, and `ulimit -n` for "
                + "how many files may be open")
    }

    private func failure(_ cause: String, detail: String? = nil, hint: String?) -> Failure {
        Failure(
            .unreachable, host: target.name, deed: "trust \(target.peer)", cause: cause, detail: detail, hint: hint)
    }
}

/// What is said where libssh2 cannot do what the user's own ssh can.
enum OtherWay {
    static let hint =
        "the way by your own ssh knows more: --transport openssh, or kubani_transport: openssh for the host"
}
