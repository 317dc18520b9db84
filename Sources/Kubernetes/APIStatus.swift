import HTTP
import Model
import YAML

/// What the API says went wrong (meta/v1 Status).
struct APIStatus: Sendable {
    var code: Int
    /// `Conflict`, `NotFound`, …
    var reason: String
    var message: String
    var causes: [Cause]
    var retryAfter: Duration?
    /// Nothing is served at the path, not even a kind without objects: what is missing is the kind itself.
    var isNoPath = false

    struct Cause: Sendable {
        var reason: String
        var message: String
        var field: String
    }

    init(_ json: Value) {
        code = json["code"]?.int ?? 0
        reason = json["reason"]?.string ?? ""
        message = json["message"]?.string ?? ""
        causes = (json["details"]?["causes"]?.list ?? []).map { cause in
            func text(_ key: String) -> String { cause[key]?.string ?? "" }
            return Cause(reason: text("reason"), message: text("message"), field: text("field"))
        }
        retryAfter = json["details"]?["retryAfterSeconds"]?.int.map { .seconds($0) }
    }

    init(_ head: HTTPHead, _ body: [UInt8]) {
        if let json = try? JSON.read(body), json["kind"]?.string == "Status" {
            self.init(json)
        } else {
            let isMissing = head.status == 404
            self.init(["message": .string(isMissing ? "the API has nothing at this path" : Self.line(body))])
            isNoPath = isMissing
        }
        code = head.status
        if message.isEmpty { message = "the server answered \(head.statusText)" }
        if let seconds = head.headers["Retry-After"].flatMap({ Int($0) }) { retryAfter = .seconds(seconds) }
    }

    /// What counts of a body that is no Status: which checks of `/readyz` failed, or the first line of a proxy's page.
    private static func line(_ body: [UInt8]) -> String {
        let lines = String(decoding: body.prefix(4000), as: UTF8.self).split(separator: "\n")
        let failed = lines.filter { $0.hasPrefix("[-]") }
        if !failed.isEmpty { return failed.map { String($0.dropFirst(3)) }.joined(separator: ", ") }
        return lines.first.map { String($0.prefix(200)) } ?? ""
    }

    func failure(_ deed: String, context: String?) -> Failure {
        var detail: [String] = []
        if reason == "Conflict" || reason == "Invalid" {
            detail = causes.filter { !$0.message.isEmpty }.map { cause in
                cause.field.isEmpty ? cause.message : "\(cause.field): \(cause.message)"
            }
        }
        // One cause alone is in the message already.
        return Failure(
            deed: deed, cause: message, detail: detail.count > 1 ? detail.joined(separator: "\n") : nil,
            hint: hint(context))
    }

    private func hint(_ context: String?) -> String? {
        let who = context.map { "the credentials of context '\($0)'" } ?? "the credentials"
        switch (code, reason) {
        case (401, _): return "\(who) are not accepted: has the cluster been made anew, or have they expired?"
        case (403, _): return "\(who) do not allow this"
        case (409, "Conflict") where causes.contains { $0.reason == "FieldManagerConflict" }:
            return "others keep these fields; to take them over is what force does"
        case (404, _) where message.contains("namespaces \""): return "make the namespace first"
        default: return nil
        }
    }
}
