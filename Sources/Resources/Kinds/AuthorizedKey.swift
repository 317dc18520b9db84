import Model

/// The public keys that let in as a user.
public struct AuthorizedKey: ShellKind {
    public struct Found: Sendable, Equatable {
        var user: Accounts.User?
        /// nil where there is nothing.
        var home: NodeEntry?
        var folder: NodeEntry?
        var file: NodeEntry?
        /// nil where it was not read.
        var content: [UInt8]?
    }

    public static let name = "authorized_key"
    public static let summary = """
        Public keys that let in as a user: lines of `.ssh/authorized_keys` in its home, which is a file of the user's \
        with mode 0600 in a directory with 0700. It is written with the user's own rights, and symbolic links are \
        not followed: what is in a home is its user's to change.
        """
    public static let example = """
        - name: the operator's key
          authorized_key:
            user: root
            key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f operator@laptop
        """
    public static let fields = [
        Field("user", .string, required: true, "Whom the keys let in as."),
        Field(
            "key", .oneOrMany(.string), required: true,
            "A public key or a list of them, each a line as in id_ed25519.pub; one text may have several lines."),
        Field(
            "options", .string,
            "What goes before each key, as `from=\"10.0.0.0/8\",no-pty`; without it the options of a key that is there "
                + "stay, unless exclusive."),
        Field("exclusive", .bool, "Whether all other keys are removed (false)."),
        Field("state", .oneOf(["present", "absent"]), "Whether the keys let in; present unless given."),
    ]

    let user: String
    let edit: KeysEdit
    let isSensitive: Bool

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        user = arguments.accountName("user", kind: Self.name, into: &errors)
        let isPresent = arguments.string("state") != "absent"
        let options = arguments.string("options")
        let isExclusive = arguments.bool("exclusive") ?? false
        if let options, !options.isEmpty, !PublicKey.areOptions(options) {
            errors.append(
                arguments.error(
                    "authorized_key.options: '\(arguments.shown("options"))' cannot stand before a key", at: "options",
                    hint: "options with commas and without blanks outside quotes: authorized_keys in sshd(8)"))
        }
        let keys = Self.keys(arguments, into: &errors)
        if !isPresent {
            for field in ["options", "exclusive"] where arguments.has(field) {
                errors.append(
                    arguments.error("authorized_key: '\(field)' has no meaning with state: absent", at: field))
            }
        }
        edit = KeysEdit(keys: keys, options: options, isPresent: isPresent, isExclusive: isExclusive)
        isSensitive = arguments.isSensitive("key") || arguments.isSensitive("options")
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    private static func keys(_ arguments: Arguments, into errors: inout [InputError]) -> [PublicKey] {
        var keys: [PublicKey] = []
        for text in arguments.strings("key") ?? [] {
            if text.contains("PRIVATE KEY") {
                errors.append(
                    arguments.error(
                        "authorized_key.key: this is a private key, which never leaves its owner", at: "key",
                        hint: "the public one is beside it, in a file that ends with .pub"))
                continue
            }
            for line in text.split(whereSeparator: \.isNewline) where !line.allSatisfy(\.isWhitespace) {
                if line.hasPrefix("#") { continue }
                guard let key = PublicKey(String(line)) else {
                    let shown = line.count > 40 ? line.prefix(39) + "…" : line
                    errors.append(
                        arguments.error(
                            "authorized_key.key: '\(arguments.shown("key", String(shown)))' is no public key of OpenSSH",
                            at: "key", hint: "ssh-ed25519 AAAA… comment, as in id_ed25519.pub"))
                    continue
                }
                if !key.options.isEmpty, arguments.has("options") {
                    errors.append(
                        arguments.error("authorized_key: the key has options of its own", at: "options"))
                }
                if !keys.contains(where: { $0.isSame(as: key) }) { keys.append(key) }
            }
        }
        if keys.isEmpty, errors.isEmpty, arguments.has("key") {
            errors.append(arguments.error("authorized_key.key: at least one key is needed", at: "key"))
        }
        return keys
    }

    public var subject: String {
        let names = edit.keys.map { $0.comment.isEmpty ? $0.type : $0.comment }
        let what = isSensitive ? "(sensitive)" : names.count > 3 ? "\(names.count) keys" : names.joined(separator: ", ")
        return "\(user): \(what)"
    }

    public static func probe(_ all: [AuthorizedKey]) -> Script {
        .lines(
            [
                Accounts.probe(users: all.map(\.user), groups: []),
                """
                keys() {
                home=$(homeOf "$1")
                ssh=$home/.ssh
                file=$ssh/authorized_keys
                [ -z "$home" ] || stat -c '%f/%u/%g/%s/%U/%G/%n//' -- "$home" "$ssh" "$file" 2>/dev/null
                printf '\\0'
                if [ ! -L "$ssh" ] && [ ! -L "$file" ] && [ -f "$file" ] && [ "$(stat -c %s -- "$file")" -le \(limit) ]; then
                base64 <"$file"
                fi
                printf '\\0'
                }
                """,
            ] + all.map { "keys \($0.user)" })
    }

    /// More would not fit into a process's environment, by which it is handed over.
    static let limit = 90_000

    public static func read(_ output: [UInt8], of all: [AuthorizedKey]) throws(Failure) -> [Found] {
        let deed = "look at keys"
        var fields = FieldReader(output, deed: deed)
        let accounts = try Accounts(&fields)
        let texts = ProbeOutput([], deed: deed)
        var found: [Found] = []
        for key in all {
            let entries = try NodeEntries.records(try fields.nextBytes()[...], of: texts)
            let content = Base64.decode(try fields.nextBytes()[...])
            let user = accounts.user(key.user)
            func entry(_ name: String) -> NodeEntry? { user.flatMap { entries[Array(($0.home + name).utf8)] } }
            let file = entry("/.ssh/authorized_keys")
            found.append(
                Found(
                    user: user, home: entry(""), folder: entry("/.ssh"), file: file,
                    content: file.map { $0.size == 0 || content?.isEmpty == false } == true ? content : nil))
        }
        try fields.end()
        return found
    }

    /// Only a look tells where the home is.
    public var touches: [Effect] { [.path(user == "root" ? "/root/.ssh" : "/home/\(user)/.ssh")] }

    public func dependsOn(_ found: Found) -> [Effect] {
        [.user(user)]
            + (found.user.map { [.path($0.home + "/.ssh"), .entry($0.home)] } ?? [
                .path("/home/\(user)/.ssh"), .packages,
            ])
    }
}
