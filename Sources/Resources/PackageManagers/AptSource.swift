import Model

/// A source of packages as apt's deb822 files have it (sources.list(5)).
struct AptSource: Sendable, Hashable {
    var types = ["deb"]
    var uris: [String] = []
    var suites: [String] = []
    var components: [String] = []
    var architectures: [String] = []
    /// The path of the key that has to have signed it.
    var signedBy: String

    /// A suite that is a path has no components.
    var isFlat: Bool { suites.contains { $0.hasSuffix("/") } }

    var text: String {
        let fields = [
            ("Types", types), ("URIs", uris), ("Suites", suites), ("Components", components),
            ("Architectures", architectures), ("Signed-By", [signedBy]),
        ]
        return fields.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.joined(separator: " "))\n" }.joined()
    }

    /// - Parameter kind: the fields' kind, for messages.
    init(_ arguments: Arguments, kind: String, signedBy: String, into errors: inout [InputError]) {
        self.signedBy = signedBy
        func words(_ field: String) -> [String] {
            let words = arguments.strings(field) ?? []
            for word in words where !Self.isWord(word) {
                errors.append(
                    arguments.error(
                        "\(kind).\(field): '\(arguments.shown(field, word))' is not one word", at: field,
                        hint: "write several as a list"))
            }
            return words
        }
        types = arguments.strings("types") ?? ["deb"]
        uris = words("uris")
        suites = words("suites")
        components = words("components")
        architectures = words("architectures")
        for field in ["uris", "suites"] where !arguments.has(field) {
            errors.append(arguments.error("\(kind): '\(field)' is missing"))
        }
        for uri in uris where Self.isWord(uri) { Self.check(uri, arguments, kind, into: &errors) }
        if suites.contains(where: { !$0.hasSuffix("/") }), components.isEmpty {
            errors.append(
                arguments.error(
                    "\(kind): 'components' is missing", at: "suites",
                    hint: "main, say; only a suite that ends with / has none"))
        } else if isFlat, !components.isEmpty {
            errors.append(
                arguments.error("\(kind).components: a suite that ends with / has none", at: "components"))
        }
    }

    private static func check(
        _ uri: String, _ arguments: Arguments, _ kind: String, into errors: inout [InputError]
    ) {
        let shown = arguments.shown("uris", uri)
        guard let scheme = ["https://", "http://", "file:/", "copy:/"].first(where: { uri.hasPrefix($0) }) else {
            errors.append(
                arguments.error(
                    "\(kind).uris: '\(shown)' is no URL of a repository", at: "uris",
                    hint: "it begins with https://, http:// or file:/"))
            return
        }
        if scheme.hasSuffix("//"), uri.dropFirst(scheme.count).prefix(while: { $0 != "/" }).contains("@") {
            errors.append(
                arguments.error(
                    "\(kind).uris: a name and password in it would be readable by everybody", at: "uris",
                    hint: "a file in /etc/apt/auth.conf.d with mode 0600 keeps them: apt_auth.conf(5)"))
        }
    }

    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7f && $0 != "#" }
    }
}
