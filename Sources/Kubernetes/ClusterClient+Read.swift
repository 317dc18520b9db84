import HTTP
import Model
import OrderedCollections

extension ClusterClient {
    /// Objects, and the version of the whole that they are of.
    public struct Listing: Sendable {
        public var items: [Value]
        /// Where a watch goes on from.
        public var resourceVersion: String
    }

    /// An object by its path.
    ///
    /// - Returns: nil where there is none, nor anything of its kind.
    public func object(_ path: String) async throws(Failure) -> Value? {
        let call = Call(path: path, deed: "look at \(path)")
        switch try await ask(call) {
        case .success(let value): return value
        case .status(let status) where status.code == 404: return nil
        case .status(let status): throw failure(status, call)
        }
    }

    /// All objects of a list, whatever its pages.
    ///
    /// - Parameters:
    ///   - path: of a kind's objects: `/api/v1/pods`.
    ///   - query: selectors: `fieldSelector`, `labelSelector`.
    public func list(_ path: String, _ query: [(String, String)] = []) async throws(Failure) -> [Value] {
        try await listing(path, query).items
    }

    /// As `list`. Pages of one list are of one moment; when that has become too old for the server, it begins again,
    /// and then asks for all at once.
    public func listing(
        _ path: String, _ query: [(String, String)] = [], until deadline: ContinuousClock.Instant? = nil
    ) async throws(Failure) -> Listing {
        switch try await pages(path, query, until: deadline) {
        case .all(let listing): return listing
        case .noSuchKind(let failure): throw failure
        }
    }

    /// What a list of a kind comes to.
    enum Pages: Sendable {
        case all(Listing)
        /// The API serves nothing at its path: the kind may be on its way.
        case noSuchKind(Failure)
    }

    func pages(
        _ path: String, _ query: [(String, String)], until deadline: ContinuousClock.Instant?
    ) async throws(Failure) -> Pages {
        var (items, next) = ([Value](), "")
        var isPaged = true
        while true {
            var call = Call(path: path, query: query, deed: "list \(path)", deadline: deadline)
            if isPaged { call.query.append(("limit", "\(Self.page)")) }
            if !next.isEmpty { call.query.append(("continue", next)) }
            switch try await ask(call) {
            case .success(let list):
                items += Self.items(of: list)
                next = list["metadata"]?["continue"]?.string ?? ""
                if next.isEmpty {
                    let version = list["metadata"]?["resourceVersion"]?.string ?? ""
                    return .all(Listing(items: items, resourceVersion: version))
                }
            case .status(let status) where status.code == 410 && isPaged:
                (items, next, isPaged) = ([], "", false)
            case .status(let status) where status.code == 404: return .noSuchKind(failure(status, call))
            case .status(let status): throw failure(status, call)
            }
        }
    }

    private static let page = 500

    /// The objects, each with the kind that a list says only once.
    private static func items(of list: Value) -> [Value] {
        let apiVersion = list["apiVersion"] ?? .null
        let kind = list["kind"]?.string.map { $0.hasSuffix("List") ? String($0.dropLast(4)) : $0 } ?? ""
        return (list["items"]?.list ?? []).map { item in
            guard var entries = item.map, entries["kind"] == nil else { return item }
            entries.updateValue(.string(kind), forKey: "kind", insertingAt: 0)
            entries.updateValue(apiVersion, forKey: "apiVersion", insertingAt: 0)
            return .map(entries)
        }
    }
}
