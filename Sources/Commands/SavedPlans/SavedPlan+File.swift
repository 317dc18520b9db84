import Model
import PlanFile
import Report

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension SavedPlan {
    /// - Throws: where there is no such file, or it is no plan.
    static func read(_ path: String) throws(InputErrors) -> SavedPlan {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw InputErrors(
                InputError(
                    FileManager.default.fileExists(atPath: path)
                        ? "\(path) cannot be read" : "there is no file \(path)",
                    hint: "kubani plan --out FILE makes a plan to apply"))
        }
        return try SavedPlan(reading: [UInt8](bytes), file: path)
    }

    /// Saves a plan, readable by its owner alone; an older one there is replaced as a whole.
    static func save(_ plan: Plan, of request: PlanRequest, seal: Seal, to path: String) throws {
        let saved = SavedPlan(
            plan, of: request, by: Owner.account, created: Date().formatted(.iso8601), program: Version.number,
            seal: seal)
        let file = try PrivateFile(path)
        file.append(Array(saved.text.utf8)[...])
        _ = try file.commit()
    }

    /// Refuses a plan that is not this one, and says where they differ.
    func refuseOther(than now: Plan, seal: Seal, file: String, console: Console) throws(InputErrors) {
        let drift = PlanDrift(of: self, now: now, seal: seal)
        if drift.differences.isEmpty { return }
        console.complain(DriftText(style: console.errorStyle).render(drift))
        throw InputErrors(
            InputError(
                "\(file) is no longer what would be done: \(counted(drift.differences.count, "thing")) changed since "
                    + "\(created). Nothing was changed.",
                hint: "look at a new plan: kubani plan --out \(file)"))
    }
}
