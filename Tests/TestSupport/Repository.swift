import Foundation

/// The checkout that the tests run in.
public enum Repository {
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path(percentEncoded: false)

    public static func path(_ relative: String) -> String { root + relative }

    /// The tests' own Python, with ansible-core and Jinja2, made by `make setup`.
    public static let python = path(".venv/bin/python")
    public static func venv(_ program: String) -> String { path(".venv/bin/\(program)") }
}
