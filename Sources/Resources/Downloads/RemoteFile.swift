import Model

/// A file of the network whose content is known beforehand by its hash.
struct RemoteFile: Sendable, Hashable {
    let url: String
    /// Whether the URL may be shown.
    let isSecret: Bool
    let sha256: String
    /// Where the list of checksums came from, if one did.
    private(set) var list: String?

    /// The fields that name it; a kind has a field `url` besides.
    static let checksumFields = [
        Field("sha256", .string, "The SHA-256 that the file must have, 64 hexadecimal digits; or give `checksums`."),
        Field(
            "checksums", .remoteText,
            "The URL of a list of checksums, such as a release's sha256sum.txt; kubani fetches it and takes the line "
                + "of the file's name."),
        Field(
            "name", .string, "The file's name in `checksums`, where it is not the last part of `url`."),
    ]

    var shown: Shown { isSecret ? Shown(url, isSensitive: true) : Shown(SecretText.masked(url)) }
    /// For the words of a script, which a list of processes never shows but a log may.
    var shownText: String { isSecret ? "the URL" : SecretText.masked(url) }
    /// Whether a list of processes must not show it: it has a secret in it, marked or not.
    var holdsSecret: Bool { isSecret || SecretText.masked(url) != url }

    /// - Returns: nil where the fields do not give it; why is added to `errors`.
    init?(_ arguments: Arguments, kind: String, into errors: inout [InputError]) {
        let before = errors.count
        let url = arguments.string("url") ?? ""
        let address = WebAddress(url)
        if address == nil {
            errors.append(
                arguments.error(
                    "\(kind).url: a URL that begins with http:// or https:// is needed", at: "url",
                    hint: WebAddress.isPlain(url) ? nil : "write spaces and quotes as %20 and %22"))
        }
        self.url = url
        isSecret = arguments.isSensitive("url")
        var sha256: String?
        switch (arguments.string("sha256"), arguments.value("checksums")) {
        case (let text?, nil):
            sha256 = ChecksumList.hash(text)
            if sha256 == nil {
                errors.append(
                    arguments.error(
                        "\(kind).sha256: '\(arguments.shown("sha256"))' is no SHA-256", at: "sha256",
                        hint: "64 hexadecimal digits, as sha256sum prints them"))
            }
        case (nil, let list?): sha256 = Self.sha256(in: list, of: address, arguments, kind, into: &errors)
        default:
            errors.append(
                arguments.error(
                    "\(kind): exactly one of 'sha256' and 'checksums' is needed",
                    at: arguments.has("checksums") ? "checksums" : nil,
                    hint: "what is fetched is trusted only by its checksum"))
        }
        if arguments.has("name"), !arguments.has("checksums") {
            errors.append(arguments.error("\(kind).name: goes with 'checksums' only", at: "name"))
        }
        guard errors.count == before, let sha256 else { return nil }
        self.sha256 = sha256
        list = arguments.value("checksums")?["url"]?.string
    }

    init(url: String, isSecret: Bool = false, sha256: String) {
        self.url = url
        self.isSecret = isSecret
        self.sha256 = sha256
    }

    private static func sha256(
        in list: Value, of address: WebAddress?, _ arguments: Arguments, _ kind: String,
        into errors: inout [InputError]
    ) -> String? {
        guard let text = list["text"]?.string, let from = list["url"] else {
            errors.append(arguments.error("\(kind).checksums: the URL of a text is needed", at: "checksums"))
            return nil
        }
        guard let name = arguments.string("name") ?? address?.fileName else {
            if address != nil {
                errors.append(
                    arguments.error(
                        "\(kind): the URL ends with no file's name", at: "url",
                        hint: "'name' tells the file's name in the list of checksums"))
            }
            return nil
        }
        let sums = ChecksumList(text)
        // A secret URL may be part of either.
        let shownName = arguments.isSensitive(arguments.has("name") ? "name" : "url") ? "(sensitive)" : name
        let place = from.isSensitive || arguments.isSensitive("checksums") ? "(sensitive)" : from.description
        if sums.isEmpty {
            errors.append(
                arguments.error("\(kind).checksums: \(place) holds no SHA-256 checksums", at: "checksums"))
            return nil
        }
        switch sums.sha256(of: name) {
        case .sha256(let hash): return hash
        case .ambiguous:
            errors.append(
                arguments.error(
                    "\(kind).checksums: \(place) has several lines for \(shownName), and they differ", at: "checksums",
                    hint: "'name' with the folder that stands there tells which"))
        case .missing(let nearest):
            let names = sums.entries.prefix(5).map(\.name)
            errors.append(
                arguments.error(
                    "\(kind).checksums: \(place) has no line for \(shownName)", at: "checksums",
                    hint: nearest.map { "did you mean '\($0)'?" }
                        ?? "it has \(names.joined(separator: ", "))\(sums.entries.count > names.count ? ", …" : "")"))
        }
        return nil
    }
}
