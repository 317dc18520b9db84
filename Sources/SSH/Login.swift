import Model
import Synchronization

/// Logs in as OpenSSH does: with nothing, the agent's keys, key files, the password, keyboard-interactive.
struct Login: Sendable {
    var session: Session
    var target: Target
    var keys: KeyStore
    var password: Secret?
    let patience: Patience

    /// A key to try, and who can sign with it.
    private struct Candidate: Sendable {
        enum Source: Sendable {
            case agent(Agent, comment: String)
            case file(String)
        }
        var key: PublicKey
        var source: Source

        var name: String {
            switch source {
            case .agent(_, let comment): "\(key.name) \(key.fingerprint) (agent: \(comment))"
            case .file(let path): "\(key.name) \(key.fingerprint) (\(path))"
            }
        }
    }

    /// What was tried so far, a line each, for the message when nothing helps.
    private final class Record: Sendable {
        let lines = Mutex<[String]>([])
        func note(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private var deadline: ContinuousClock.Instant { patience.deadline }

    func run() async throws(Failure) {
        guard let methods = try await session.methods(user: target.user, until: deadline) else { return }
        let record = Record()
        do {
            if try await offer(methods, record) { return }
        } catch {
            throw explained(error, methods, record)
        }
        throw refusal(methods, record)
    }

    private func offer(_ methods: [String], _ record: Record) async throws(Failure) -> Bool {
        if methods.contains("publickey") {
            for candidate in await candidates(record) {
                if try await attempt(candidate, record) { return true }
            }
        }
        guard let password else { return false }
        if methods.contains("password") {
            let answer = try await session.logIn(user: target.user, password: password, until: deadline)
            if answer == .accepted { return true }
            record.note("password: \(answer == .expired ? "has expired and must be changed" : "refused")")
        }
        if methods.contains("keyboard-interactive") {
            let answer = try await session.logInInteractively(
                user: target.user, password: password, until: deadline)
            if answer == .accepted { return true }
            record.note("password by keyboard-interactive: refused")
        }
        return false
    }

    private func attempt(_ candidate: Candidate, _ record: Record) async throws(Failure) -> Bool {
        let keeper = Keeper()
        let answer = try await session.logIn(user: target.user, key: candidate.key, until: deadline) {
            message, algorithm in
            // A person may be asked for a passphrase, or to touch a key.
            let began = ContinuousClock.now
            let signature = await sign(message, algorithm, candidate, keeper)
            patience.excuse(.now - began)
            return signature
        }
        switch answer {
        case .accepted: return true
        case .refused, .expired: record.note("\(candidate.name): refused")
        case .withheld: record.note("\(candidate.name): \(keeper.value ?? "could not sign")")
        }
        return false
    }

    private func sign(_ message: [UInt8], _ algorithm: String, _ candidate: Candidate, _ keeper: Keeper) async
        -> [UInt8]?
    {
        if algorithm == "ssh-rsa" {
            keeper.value = "the server takes no signature but one with SHA-1, which is weak"
            return nil
        }
        switch candidate.source {
        case .agent(let agent, _):
            // An agent may ask its user first.
            let signature = await agent.signature(
                of: message, by: candidate.key, algorithm: algorithm, until: .now + .seconds(60))
            if signature == nil { keeper.value = "the agent did not sign" }
            return signature
        case .file(let path):
            switch await keys.privateKey(path) {
            case .failure(let problem):
                keeper.value = problem.description
                return nil
            case .success(let key): return try? key.signature(of: message, algorithm: algorithm)
            }
        }
    }

    /// OpenSSH's order: the agent's keys that are also named as files, the agent's others, the files.
    private func candidates(_ record: Record) async -> [Candidate] {
        var files: [Candidate] = []
        var named: Set<PublicKey> = []
        for path in target.keyFiles {
            if let key = await keys.beside(path) { named.insert(key) }
            switch await keys.publicKey(path) {
            case .success(let key):
                named.insert(key)
                if !KeyType.isCertificate(key.type) { files.append(Candidate(key: key, source: .file(path))) }
            case .failure(.missing) where !target.namesKeyFiles: break
            case .failure(let problem): record.note("\(path): \(problem.description)")
            }
        }
        guard let socket = target.agentSocket else { return files }
        let agent = Agent(socketPath: socket)
        guard let identities = await agent.identities(until: min(deadline, .now + .seconds(5))) else {
            record.note("agent: does not answer at \(socket)")
            return files
        }
        // libssh2 can send neither certificates' nor security keys' signatures.
        let usable = identities.filter { !KeyType.isCertificate($0.key.type) && !$0.key.type.hasPrefix("sk-") }
        if usable.count < identities.count {
            record.note("agent: \(identities.count - usable.count) certificates or security keys cannot be used")
        }
        let matching = usable.filter { named.contains($0.key) }
        let others = target.identitiesOnly ? [] : usable.filter { !named.contains($0.key) }
        let held = Set((matching + others).map(\.key))
        return (matching + others).map { Candidate(key: $0.key, source: .agent(agent, comment: $0.comment)) }
            + files.filter { !held.contains($0.key) }
    }

    private func refusal(_ methods: [String], _ record: Record) -> Failure {
        let lines = record.lines.withLock { $0 }
        let offers = methods.isEmpty ? "" : " (it takes \(methods.joined(separator: ", ")))"
        return Failure(
            .unreachable, host: session.host, deed: "log in as \(target.user) on \(target.peer)",
            cause: lines.isEmpty ? "there was nothing to log in with\(offers)" : "the server refuses\(offers)",
            detail: lines.isEmpty ? nil : lines.joined(separator: "\n"), hint: hint(methods, lines))
    }

    private func hint(_ methods: [String], _ lines: [String]) -> String {
        let byPassword = methods.contains("password") || methods.contains("keyboard-interactive")
        if password != nil, byPassword { return "is \(target.user) the right user, and this the right password?" }
        if lines.contains(where: { $0.hasSuffix(": refused") }) {
            return "put the public key into \(target.user)'s ~/.ssh/authorized_keys there (ssh-copy-id)"
                + (byPassword ? ", or use --ask-pass" : "") + "; is \(target.user) the right user?"
        }
        return byPassword
            ? "--ask-pass asks for a password; or name a key with ansible_ssh_private_key_file"
            : "name a key with ansible_ssh_private_key_file, or load one into the agent (ssh-add)"
    }

    /// A connection that was lost while logging in: with what was tried, and the usual reason.
    private func explained(_ failure: Failure, _ methods: [String], _ record: Record) -> Failure {
        var failure = failure
        let lines = record.lines.withLock { $0 }
        if !lines.isEmpty { failure.detail = lines.joined(separator: "\n") }
        // sshd says so when it hangs up (MaxAuthTries), but the word may be lost with the connection.
        if failure.code == .unreachable, lines.contains(where: { $0.hasSuffix(": refused") }) {
            failure.hint =
                "the server may have hung up because too many keys were offered: name one with "
                + "ansible_ssh_private_key_file and set IdentitiesOnly=yes for the host"
        }
        return failure
    }
}

/// How long a login may take, from the first look at the host's name; what a person is asked for does not count.
final class Patience: Sendable {
    private let moment: Mutex<ContinuousClock.Instant>

    init(until moment: ContinuousClock.Instant) { self.moment = Mutex(moment) }

    var deadline: ContinuousClock.Instant { moment.withLock { $0 } }

    func excuse(_ time: Duration) { moment.withLock { $0 += time } }
}

/// Carries one word out of a closure that libssh2's calls run.
private final class Keeper: Sendable {
    private let held = Mutex<String?>(nil)
    var value: String? {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}
