/// A line of input, as an error may show it.
public enum SourceLine {
    /// The line, or nil where its looks say that it holds a secret.
    public static func shown(_ line: String?) -> String? {
        guard let line else { return nil }
        let lower = line.lowercased()
        let signs = ["pass", "secret", "token", "private key", "auth_key", "authkey"]
        return signs.contains { lower.contains($0) } ? nil : line
    }
}
