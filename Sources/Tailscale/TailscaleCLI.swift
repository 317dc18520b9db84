import Model
import Subprocess
import YAML

/// Asks the `tailscale` program of this machine.
public enum TailscaleCLI {
    /// The status, or nil where there is no tailscale, it is not running, or it does not answer in time: kubani does
    /// without what it would have told.
    public static func status(within limit: Duration = .seconds(5)) async -> TailscaleStatus? {
        await withTaskGroup(of: TailscaleStatus?.self) { group in
            group.addTask { await ask() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private static func ask() async -> TailscaleStatus? {
        guard
            let result = try? await Subprocess.run(
                .name("tailscale"), arguments: ["status", "--json"], output: .string(limit: 1 << 25), error: .discarded),
            result.terminationStatus.isSuccess
        else { return nil }
        return read(result.standardOutput)
    }

    /// - Returns: nil where the text is not the JSON of a status.
    public static func read(_ text: String) -> TailscaleStatus? {
        guard let json = JSON.read(text), json.map != nil else {
            return nil
        }
        return TailscaleStatus(json)
    }
}
