import Model
import PlanFile

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The key of this laptop's saved plans: 32 random bytes in a file that its owner alone reads. It is made with the first
/// plan that is saved, and goes nowhere.
enum PlanKey {
    private static let length = 32

    /// `$XDG_CONFIG_HOME/kubani/plan.key`, or `~/.config/kubani/plan.key`.
    ///
    /// - Throws: where there is no home.
    static func path(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(InputErrors) -> String {
        if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") { return "\(base)/kubani/plan.key" }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw InputErrors(
                InputError(
                    "there is no folder for the key of saved plans: neither XDG_CONFIG_HOME nor HOME is set",
                    hint: "set HOME"))
        }
        return "\(home)/.config/kubani/plan.key"
    }

    /// The key of this laptop, made where there is none.
    static func forSaving() throws -> Seal {
        let path = try path()
        if let seal = try read(path) { return seal }
        let folder = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex))
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw InputErrors(InputError("\(folder), for the key of saved plans, cannot be made"))
        }
        if let objection = PrivateFolder.objection(toFolder: folder) {
            throw InputErrors(InputError("no key of saved plans is kept there: \(objection)"))
        }
        let file = try PrivateFile(path)
        file.append((0..<length).map { _ in UInt8.random(in: .min ... .max) }[...])
        _ = try file.commit()
        guard let seal = try read(path) else { throw InputErrors(InputError("\(path) cannot be read")) }
        return seal
    }

    /// The key that a plan was saved with.
    ///
    /// - Throws: where it is not this laptop's.
    static func forApplying(_ plan: SavedPlan, file: String) throws(InputErrors) -> Seal {
        let path = try path()
        let seal = try read(path)
        guard let seal, seal.name == plan.key else {
            throw InputErrors(
                InputError(
                    "\(file) was saved with another key than this machine's (\(path)"
                        + (seal == nil ? ", which is not there)" : ")"),
                    hint: "a saved plan is applied where it was made, by \(plan.by); or make a new one here"))
        }
        return seal
    }

    private static func read(_ path: String) throws(InputErrors) -> Seal? {
        guard let read = PrivateFolder.read(path, limit: length) else { return nil }
        let hint = "remove it; plans saved with it cannot be applied any more"
        switch read {
        case .success(let bytes) where bytes.count == length: return Seal(key: bytes)
        case .success:
            throw InputErrors(
                InputError("\(path) is no key: it has to be \(length) bytes that you may read", hint: hint))
        case .failure(let refusal):
            throw InputErrors(InputError("\(path) is not used as a key: \(refusal.cause)", hint: hint))
        }
    }
}
