import Model

/// The user's key files for a whole run: each is read once and its passphrase asked for once, however many hosts want
/// it at the same time.
actor KeyStore {
    private let askPassphrase: (@Sendable (String) async -> Secret?)?
    private var files: [String: Result<KeyFile, KeyProblem>] = [:]
    private var publicKeys: [String: PublicKey] = [:]
    private var unlocking: [String: Task<Result<PrivateKey, KeyProblem>, Never>] = [:]

    init(askPassphrase: (@Sendable (String) async -> Secret?)?) { self.askPassphrase = askPassphrase }

    /// The public half of a key: from the file itself, or from the `.pub` beside it.
    func publicKey(_ path: String) -> Result<PublicKey, KeyProblem> {
        if let key = publicKeys[path] { return .success(key) }
        let found: PublicKey?
        switch file(path) {
        case .failure(let problem): return .failure(problem)
        case .success(.open(let key)): found = try? key.publicKey()
        case .success(.locked(let key)): found = key.publicKey ?? beside(path)
        }
        publicKeys[path] = found
        return found.map { .success($0) }
            ?? .failure(.unsupported("an encrypted PEM key without a .pub file beside it"))
    }

    /// The public key that a `.pub` file names, where the private one lives only in an agent.
    func beside(_ path: String) -> PublicKey? {
        guard case .success(let bytes) = readFile(path.hasSuffix(".pub") ? path : path + ".pub") else { return nil }
        return PublicKey(line: String(decoding: bytes, as: UTF8.self))
    }

    /// The key ready to sign, after asking for its passphrase where it has one.
    func privateKey(_ path: String) async -> Result<PrivateKey, KeyProblem> {
        switch file(path) {
        case .failure(let problem): return .failure(problem)
        case .success(.open(let key)): return .success(key)
        case .success(.locked(let locked)):
            if let task = unlocking[path] { return await task.value }
            let ask = askPassphrase
            let task = Task { () -> Result<PrivateKey, KeyProblem> in
                guard let passphrase = await ask?(path) else { return .failure(.locked) }
                do throws(KeyProblem) {
                    return .success(try locked.unlock(passphrase.reveal()))
                } catch {
                    return .failure(error)
                }
            }
            unlocking[path] = task
            return await task.value
        }
    }

    private func file(_ path: String) -> Result<KeyFile, KeyProblem> {
        if let known = files[path] { return known }
        let result: Result<KeyFile, KeyProblem>
        switch readFile(path, limit: 1 << 20) {
        case .failure(let problem): result = .failure(problem)
        case .success(let bytes):
            do throws(KeyProblem) {
                result = .success(try KeyFile(String(decoding: bytes, as: UTF8.self)))
            } catch {
                result = .failure(error)
            }
        }
        files[path] = result
        return result
    }
}
