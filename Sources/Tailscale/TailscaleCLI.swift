import Model
import Subprocess
import SystemPackage
import YAML

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Asks the `tailscale` program of this machine.
public enum TailscaleCLI {
    /// The status, or nil where there is no tailscale, it is not running, or it does not answer in time: kubani does
    /// without what it would have told.
    public static func status(within limit: Duration = .seconds(5)) async -> TailscaleStatus? {
        try? await answer(within: limit)
    }

    /// As `status`, and why there is none.
    public static func answer(within limit: Duration = .seconds(5)) async throws(Failure) -> TailscaleStatus {
        try await withTaskGroup(of: Result<TailscaleStatus, Failure>.self) { group in
            group.addTask { await ask() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return .failure(failure("no answer within \(limit.components.seconds) s", .timedOut))
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(failure("cancelled", .cancelled))
        }.get()
    }

    private static func failure(_ cause: String, _ code: Failure.Code = .unreachable) -> Failure {
        Failure(code, deed: "run tailscale status", cause: cause)
    }

    private static func ask() async -> Result<TailscaleStatus, Failure> {
        let text: String
        guard let program else { return .failure(failure("there is no program tailscale")) }
        do {
            let result = try await Subprocess.run(
                .path(FilePath(program)), arguments: ["status", "--json"], output: .string(limit: 1 << 26),
                error: .string(limit: 1 << 16))
            guard result.terminationStatus.isSuccess else {
                let words = result.standardError.split(separator: "\n").first.map(String.init)
                return .failure(failure(words ?? "it failed without a word"))
            }
            text = result.standardOutput
        } catch {
            return .failure(failure("\(error)"))
        }
        guard let status = read(text) else { return .failure(failure("what it prints is no JSON")) }
        return .success(status)
    }

    /// Looked for here: started by its name, it would be tried in a process of its own in every folder of PATH.
    private static var program: String? {
        let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return folders.split(separator: ":").map { "\($0)/tailscale" }.first { access($0, X_OK) == 0 }
    }

    /// - Returns: nil where the text is not the JSON of a status.
    public static func read(_ text: String) -> TailscaleStatus? {
        guard let json = JSON.read(text), json.map != nil else { return nil }
        return TailscaleStatus(json)
    }
}
