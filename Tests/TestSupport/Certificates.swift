import Foundation

/// Authorities and certificates that openssl makes, in a folder that goes with them.
public struct Certificates: Sendable {
    private let folder: TemporaryFolder

    public struct Problem: Error { public var message: String }

    public init() throws { folder = try TemporaryFolder("kubani-tls") }

    public func path(_ name: String) -> String { "\(folder.path)/\(name)" }
    public func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path(name))))
    }
    public func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    private func openssl(_ arguments: [String]) async throws {
        let made = try await Program.run("openssl", arguments)
        guard made.status == 0 else { throw Problem(message: made.stderr) }
    }

    private static let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

    /// `NAME.crt` and `NAME.key`.
    public func authority(_ name: String) async throws {
        try await openssl(
            ["req", "-x509"] + Self.key
                + ["-keyout", path("\(name).key"), "-out", path("\(name).crt"), "-subj", "/CN=\(name)", "-days", "10"])
    }

    /// A certificate by an authority.
    ///
    /// - Parameters:
    ///   - names: whom it is for, such as `IP:127.0.0.1`; empty for a client's.
    ///   - subject: `/CN=NAME` where nil.
    public func certificate(
        _ name: String, by authority: String, for names: String = "", subject: String? = nil, days: Int = 10
    ) async throws {
        try await openssl(
            ["req"] + Self.key
                + [
                    "-keyout", path("\(name).key"), "-out", path("\(name).csr"), "-subj", subject ?? "/CN=\(name)",
                ])
        let usage = names.isEmpty ? "extendedKeyUsage=clientAuth" : "subjectAltName=\(names)"
        try usage.write(toFile: path("\(name).ext"), atomically: true, encoding: .utf8)
        try await openssl([
            "x509", "-req", "-in", path("\(name).csr"), "-CA", path("\(authority).crt"), "-CAkey",
            path("\(authority).key"), "-CAcreateserial", "-days", "\(days)", "-out", path("\(name).crt"), "-extfile",
            path("\(name).ext"),
        ])
    }

    /// An RSA key alone.
    public func rsaKey(_ name: String) async throws { try await openssl(["genrsa", "-out", path(name), "2048"]) }
}
