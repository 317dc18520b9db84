import Model

/// A package repository of apt: its source file, and the key that signs it.
public struct AptRepository: ShellKind {
    public struct Found: Sendable, Equatable {
        public var hasApt: Bool
        public var source: EditedFile
        public var key: EditedFile
        var others = AptSources()
    }

    public static let name = "apt_repository"
    public static let summary = """
        A repository of packages for apt, in a file of its own under `/etc/apt/sources.list.d`, trusted through one key \
        and for this repository alone. Its package lists are fetched with it; where that fails, because the key or the \
        address is wrong, say, the files are put back as they were. Where another file has the same repository already, \
        it is used if its key is the same; else it is taken out of that file, for apt refuses a repository with two \
        keys. apt's own word over all of its sources has the end.
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
        // A word of the source's file.
        arguments.checkLine("key_file", kind: Self.name, without: " ,#[]", into: &errors)
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
            "if command -v apt-get >/dev/null; then",
            "printf 'apt\\0'",
            AptSources.look(keys: all.compactMap { $0.key == nil ? $0.source?.signedBy : nil }),
            "else printf '\\0'; fi",
            EditedFile.probe(all.flatMap { [$0.sourcePath, $0.keyPath] }),
        ])
    }

    public static func read(_ output: [UInt8], of all: [AptRepository]) throws(Failure) -> [Found] {
        let deed = "look at repositories of packages"
        var fields = FieldReader(output, deed: deed)
        let hasApt = try fields.next() == "apt"
        let others = hasApt ? try AptSources.read(&fields) : AptSources()
        let files = try EditedFile.read(
            fields.rest, of: all.flatMap { [$0.sourcePath, $0.keyPath] }, deed: deed)
        return all.indices.map {
            Found(hasApt: hasApt, source: files[2 * $0], key: files[2 * $0 + 1], others: others)
        }
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
        var moves: [AptSources.Move] = []
        switch found.others.neighbours(
            of: source, at: sourcePath, isThere: found.source.entry != nil, key: key.flatMap { ArmouredKey.sha256($0) })
        {
        case .none: break
        case .used(let path): return .none("\(path) has it, signed by the same key")
        case .moved(let found): moves = found
        case .refused(let cause, let hint): return .fails(cause: cause, hint: hint)
        }
        var files: [(path: String, old: Shown?, new: Shown, text: String)] = []
        func add(_ path: String, _ file: EditedFile, _ text: String) {
            files.append((path, file.content.map { file.shown($0) }, file.shown(Array(text.utf8)), text))
        }
        if let key, found.key.content != Array(key.utf8) { add(keyPath, found.key, key) }
        if found.source.content != Array(source.text.utf8) { add(sourcePath, found.source, source.text) }
        files += moves.map { ($0.old.path, Shown($0.old.text), Shown($0.new.text), $0.new.text) }
        let complaint = found.others.complaint
        if files.isEmpty {
            return settled(source, found.others)
        }
        return .change(
            Change(
                found.source.entry == nil ? .create : .update,
                details: files.map { .text($0.path, from: $0.old, to: $0.new) }
                    + (complaint.isEmpty ? [] : [.note("apt does not read its sources now: \(complaint)")]),
                steps: [.run(put(files.map { ($0.path, $0.text) }), deadline: .seconds(600))]))
    }

    private func settled(_ source: AptSource, _ others: AptSources) -> Difference {
        let complaint = others.complaint
        if complaint.isEmpty { return .none("\(source.uris.joined(separator: ", ")), signed by \(source.signedBy)") }
        if complaint.contains(sourcePath) || others.isAbout(others.pairs(of: source)) {
            return .fails(
                cause: "apt does not read its sources: \(complaint)",
                hint: "another file has this repository, too, and says something else of it: one of them has to go")
        }
        return .warns("the repository is there, but apt does not read its sources, for what others say: \(complaint)")
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
                path=$2
                if [ -L "$path" ]; then path=$(readlink -f -- "$path") || exit; fi
                if [ -e "$path" ]; then cp -p -- "$path" "$saved/$1" || exit; fi
                printf '%s' "$3" >"$path.kubani" && mv -f -- "$path.kubani" "$path" || exit
                }
                back() {
                number=0
                for path do
                if [ -L "$path" ]; then path=$(readlink -f -- "$path"); fi
                if [ -e "$saved/$number" ]; then cp -p -- "$saved/$number" "$path"; else rm -f -- "$path"; fi
                number=$((number + 1))
                done
                rm -rf -- "$saved"
                }
                """
            ] + files.enumerated().map { "put \($0) \($1.path) \($1.new)" } + [
                Apt.refresh(only: sourcePath, orElse: "back \(files.map(\.path))"),
                "rm -rf -- \"$saved\"",
            ])
    }

    /// The whole folder: the same repository may stand in any of its files.
    public var touches: [Effect] {
        [.path("/etc/apt/sources.list"), .path("/etc/apt/sources.list.d"), .path(keyPath)]
    }
    public func dependsOn(_ found: Found) -> [Effect] { touches + (found.hasApt ? [] : [.packages]) }
}
