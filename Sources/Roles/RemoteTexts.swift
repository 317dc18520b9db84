import Model
import Synchronization

/// Small texts of the network that roles name by their URLs, as far as they have been fetched. The roles say what they
/// need (`Unknown.texts`); whoever may use the network fetches it and puts it here.
public final class RemoteTexts: Sendable {
    private let known = Mutex<[String: Result<String, Failure>]>([:])

    public init() {}

    public func set(_ url: String, to text: Result<String, Failure>) { known.withLock { $0[url] = text } }

    /// nil where nobody has fetched it yet.
    public subscript(url: String) -> Result<String, Failure>? { known.withLock { $0[url] } }
}
