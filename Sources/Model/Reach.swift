/// Everything that a run can look at and change: its nodes, the laptop that it runs on, a cluster's API, and the files of
/// the network that the laptop fetches.
public struct Reach: Sendable {
    /// By host.
    public var shells: [String: any NodeShell]
    /// A shell of whoever runs kubani, here.
    public var laptop: any NodeShell
    public var cluster: @Sendable (ClusterAccess) async -> any Cluster
    public var artifacts: any Artifacts

    public init(
        shells: [String: any NodeShell], laptop: any NodeShell,
        cluster: @escaping @Sendable (ClusterAccess) async -> any Cluster, artifacts: any Artifacts
    ) {
        self.shells = shells
        self.laptop = laptop
        self.cluster = cluster
        self.artifacts = artifacts
    }
}

/// Files of the network that are fetched once, kept and verified.
public protocol Artifacts: Sendable {
    /// - Returns: where the file lies on the laptop, and how long it is.
    func file(url: String, sha256: String) async throws(Failure) -> (path: String, length: Int)
    /// A small text that never changes at its URL, such as a release's list of checksums.
    func text(url: String) async throws(Failure) -> String
    /// The text has turned out to be wrong: the next that wants it is to have it fetched again.
    func forgetText(url: String)
}
