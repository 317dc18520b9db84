import Model

/// A line of input, as an error may show it.
public enum SourceLine {
    /// The line, or nil where its looks say that it holds a secret: a word that might be the name of one, however it is
    /// spelt, or something that is one whatever its name.
    public static func shown(_ line: String?, by names: SecretNames = .usual) -> String? {
        guard let line else { return nil }
        let lower = line.lowercased()
        let signs = ["pass", "secret", "token", "private key", "auth_key", "authkey"]
        if signs.contains(where: lower.contains) || SecretText.masked(line) != line { return nil }
        let words = line.split { !($0.isLetter || $0.isNumber || "_-.".contains($0)) }
        return words.contains { SecretName.mayBeSecret(String($0)) || names.matches(String($0)) } ? nil : line
    }
}
