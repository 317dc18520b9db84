import Model

/// A package repository of apt: its source file, and the key that signs it.
public struct AptRepository: ShellKind {
    public struct Found: Sendable, Equatable {
        public var hasApt: Bool
        public var source: EditedFile
        public var key: EditedFile
    }

    public static let name = "apt_repository"
    public static let summary = """
        A repository of packages for apt, in a file of its own under `/etc/apt/sources.list.d`, trusted through one key \
        and for this repository alone. Its package lists are fetched with it; where that fails, because the key or the \
        address is wrong, say, the files are put back as they were.
        """
    public static let example = """
        - name: repository of the container toolkit
          apt_repository:
            name: nvidia-container-toolkit
            uris: https://nvidia.github.io/libnvidia-container/stable/deb/amd64
            suites: /
            key_url: https://nvidia.github.io/libnvidia-container/gpgkey
        """
    public static let fields = [
        Field(
            "name", .string, required: true,
            "Names the files: `/etc/apt/sources.list.d/NAME.sources` and `/etc/apt/keyrings/NAME.asc`."),
        Field("uris", .oneOrMany(.string), "Where it is; needed unless state is absent."),
        Field(
            "suites", .oneOrMany(.string),
            "The releases, as `bookworm`, or a path that ends with `/`; needed unless state is absent."),
        Field("components", .oneOrMany(.string), "`main`, say; none with a suite that ends with `/`."),
        Field("types", .oneOrMany(.oneOf(["deb", "deb-src"])), "`deb` (the default), `deb-src`, or both."),
        Field("architectures", .oneOrMany(.string), "Only these; otherwise all that the node has."),
        Field(
            "key_url", .remoteText,
            "The URL of the key that signs it, ASCII-armoured; kubani fetches it. Or give `key` or `key_file`."),
        Field("key", .string, "The key itself, ASCII-armoured."),
        Field("key_file", .path, "The path of a keyring that is on the node already."),
        Field("state", .oneOf(["present", "absent"]), "Whether it is to be there; present unless given."),
    ]

    let name: String
    /// nil where it is to be gone.
    let source: AptSource?
    /// nil where the key is somebody else's file.
    let key: String?
    private let keyURL: String?

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        name = arguments.string("name") ?? ""
        if !Self.isFileName(name) {
            errors.append(
                arguments.error(
                    "apt_repository.name: '\(arguments.shown("name"))' cannot name a file of apt's", at: "name",
                    hint: "letters, digits, '-', '_' and '.'"))
        }
        keyURL = arguments.value("key_url")?["url"]?.string
        if arguments.string("state") == "absent" {
            for field in Self.fields.map(\.name) where !["name", "state"].contains(field) && arguments.has(field) {
                errors.append(
                    arguments.error("apt_repository: '\(field)' has no meaning with state: absent", at: field))
            }
            (source, key) = (nil, nil)
        } else {
            key = Self.key(arguments, into: &errors)
            source = AptSource(
                arguments, kind: Self.name, signedBy: arguments.string("key_file") ?? Self.keyPath(name), into: &errors)
        }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    private static func key(_ arguments: Arguments, into errors: inout [InputError]) -> String? {
        let fields = ["key_url", "key", "key_file"]
        let given = fields.filter { arguments.has($0) }
        guard given.count == 1 else {
            errors.append(
                arguments.error(
                    "apt_repository: exactly one of 'key_url', 'key' and 'key_file' is needed",
                    at: given.last, hint: "apt takes packages only from whom a key tells"))
            return nil
        }
        guard given != ["key_file"] else { return nil }
        let text = arguments.string("key") ?? arguments.value("key_url")?["text"]?.string ?? ""
        if !text.contains("-----BEGIN PGP PUBLIC KEY BLOCK-----") {
            let from = arguments.value("key_url")?["url"].map { "what \($0) gives" } ?? "it"
            errors.append(
                arguments.error(
                    "apt_repository.\(given[0]): \(from) is no ASCII-armoured public key", at: given[0],
                    hint: "gpg --armor makes one of a binary key"))
        }
        return text.hasSuffix("\n") ? text : text + "\n"
    }

    private static func isFileName(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, first != ".", first != "-" else { return false }
        return name.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains($0))
        }
    }

    public var subject: String { name }
    public var texts: [String] { keyURL.map { [$0] } ?? [] }

    private static func keyPath(_ name: String) -> String { "/etc/apt/keyrings/\(name).asc" }
    var keyPath: String { Self.keyPath(name) }
    var sourcePath: String { "/etc/apt/sources.list.d/\(name).sources" }

    public static func probe(_ all: [AptRepository]) -> Script {
        .lines([
            "if command -v apt-get >/dev/null; then printf 'apt\\0'; else printf '\\0'; fi",
            EditedFile.probe(all.flatMap { [$0.sourcePath, $0.keyPath] }),
        ])
    }

    public static func read(_ output: [UInt8], of all: [AptRepository]) throws(Failure) -> [Found] {
        let deed = "look at repositories of packages"
        guard let end = output.firstIndex(of: 0) else {
            throw Failure(deed: deed, cause: "the node's answer is not what was asked for")
        }
        let files = try EditedFile.read(
            Array(output[(end + 1)...]), of: all.flatMap { [$0.sourcePath, $0.keyPath] }, deed: deed)
        return all.indices.map { Found(hasApt: end > 0, source: files[2 * $0], key: files[2 * $0 + 1]) }
    }

    public func difference(from found: Found) -> Difference {
        guard let source else { return gone(found) }
        guard found.hasApt else {
            return .fails(cause: "apt is not on the node", hint: "when: facts.package_manager == 'apt'")
        }
        for (path, file) in [(sourcePath, found.source), (keyPath, found.key)] {
            if let entry = file.entry, entry.kind != .file {
                return .fails(cause: "\(path) is not a file", hint: "remove it with an 'absent' task first")
            }
        }
        var files: [(path: String, new: String, old: EditedFile)] = []
        if let key, found.key.content != Array(key.utf8) { files.append((keyPath, key, found.key)) }
        if found.source.content != Array(source.text.utf8) { files.append((sourcePath, source.text, found.source)) }
        if files.isEmpty { return .none("\(source.uris.joined(separator: ", ")), signed by \(source.signedBy)") }
        return .change(
            Change(
                found.source.entry == nil ? .create : .update,
                details: files.map { file in
                    .text(
                        file.path, from: file.old.content.map { file.old.shown($0) },
                        to: file.old.shown(Array(file.new.utf8)))
                },
                steps: [.run(put(files.map { ($0.path, $0.new) }), deadline: .seconds(600))]))
    }

    private func gone(_ found: Found) -> Difference {
        let there = [(sourcePath, found.source), (keyPath, found.key)].filter { $0.1.entry != nil }.map(\.0)
        if there.isEmpty { return .none("no such repository") }
        return .change(
            Change(
                .delete, details: there.map { .note("removes \($0)") },
                steps: [.run("rm -f -- \(there)", deadline: .seconds(30))]))
    }

    /// apt must read the files to tell whether they are right, so they are put there first, and taken back where not.
    private func put(_ files: [(path: String, new: String)]) -> Script {
        .lines(
            [
                """
                umask 022
                saved=$(mktemp -d) || exit
                mkdir -p -- /etc/apt/keyrings /etc/apt/sources.list.d || exit
                put() {
                if [ -e "$1" ]; then cp -p -- "$1" "$saved/${1##*/}" || exit; fi
                printf '%s' "$2" >"$1.kubani" && mv -f -- "$1.kubani" "$1" || exit
                }
                back() {
                for path do if [ -e "$saved/${path##*/}" ]; then cp -p -- "$saved/${path##*/}" "$path"; else rm -f -- "$path"; fi; done
                rm -rf -- "$saved"
                }
                """
            ] + files.map { "put \($0.path) \($0.new)" } + [
                Apt.refresh(only: sourcePath, orElse: "back \(files.map(\.path))"),
                "rm -rf -- \"$saved\"",
            ])
    }

    public var touches: [Effect] { [.path(sourcePath), .path(keyPath)] }
    public func dependsOn(_ found: Found) -> [Effect] { touches + (found.hasApt ? [] : [.packages]) }
}
