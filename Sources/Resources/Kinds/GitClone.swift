import Model

/// A clone of a Git repository with a version of it checked out.
public struct GitClone: ShellKind {
    public struct Found: Sendable, Equatable {
        var hasGit: Bool
        var way = PathWay()
        /// What is at the path: nothing, an empty directory, a clone, or something else.
        var place: Place
        /// What is checked out; empty for nothing.
        var head: String
        /// Its branch; empty where none is.
        var branch: String
        /// Where it was cloned from.
        var origin: String
        /// Files that differ from what is checked out.
        var changes: [String]
        /// Whether there are commits that came from nowhere else.
        var hasOwnCommits: Bool
        var remote: Remote
    }

    enum Place: String, Sendable { case nothing, empty, clone, other }

    /// What the repository says of the version.
    struct Remote: Sendable, Equatable {
        var status = 0
        /// Names and the commits they stand for.
        var references: [String: String] = [:]
        /// Its own branch.
        var branch: String?
        var said = ""
    }

    public static let name = "git"
    public static let summary = """
        A clone of a Git repository with a branch, a tag or a commit of it checked out. A look asks the repository what \
        the version is now and changes nothing. Where files were changed on the node, or commits made, nothing is \
        done unless `force` says so; files that Git does not know of are never touched.
        """
    public static let example = """
        - name: configuration of the cluster
          git:
            repo: https://git.example.com/cluster/config.git
            dest: /opt/config
            version: 0123456789abcdef0123456789abcdef01234567
        """
    public static let fields = [
        Field("repo", .string, required: true, "The repository: a URL, `user@host:path`, or a path on the node."),
        Field("dest", .path, required: true, "Where the clone is."),
        Field(
            "version", .string,
            "A branch, a tag, or a commit (all 40 digits); the repository's own branch unless given."),
        Field("depth", .int, "How many commits are fetched; all unless given."),
        Field("force", .bool, "Whether changes and commits made on the node are thrown away (false)."),
        Field(
            "user", .string,
            "Whom Git runs as, and whose the clone is, instead of root; where it goes must be theirs to write to."),
    ]

    let repo: String
    let dest: String
    let version: String?
    let depth: Int?
    let isForced: Bool
    let surroundings: Surroundings

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        repo = arguments.string("repo") ?? ""
        dest = arguments.nodePath("dest", into: &errors)
        version = arguments.string("version")
        depth = arguments.int("depth")
        isForced = arguments.bool("force") ?? false
        let shown = arguments.shown("repo")
        let isPlain = repo.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7f }
        if arguments.has("repo"),
            repo.isEmpty || repo.hasPrefix("-") || repo.contains("::") || !isPlain
                || !(repo.hasPrefix("/") || repo.contains(":"))
        {
            errors.append(
                arguments.error(
                    "git.repo: '\(shown)' is no repository", at: "repo",
                    hint: "https://host/path, ssh://user@host/path, user@host:path, or an absolute path"))
        } else if let scheme = repo.firstRange(of: "://") {
            let user = repo[scheme.upperBound...].prefix { $0 != "/" }
            if user.contains("@"), user.prefix(while: { $0 != "@" }).contains(":") || repo.hasPrefix("http") {
                errors.append(
                    arguments.error(
                        "git.repo: a name and password in it would be readable by everybody", at: "repo",
                        hint: "git's credential helpers keep them: gitcredentials(7); or use ssh and a key"))
            }
        }
        if arguments.isSensitive("repo") {
            errors.append(
                arguments.error("git.repo: a secret in it would be readable by everybody", at: "repo"))
        }
        if dest == "/" { errors.append(arguments.error("git.dest: '/' cannot be a clone", at: "dest")) }
        if let version, !Self.isVersion(version) {
            errors.append(
                arguments.error(
                    "git.version: '\(arguments.shown("version"))' is no branch, tag or commit", at: "version"))
        }
        if let depth, depth < 1 { errors.append(arguments.error("git.depth: at least 1 is needed", at: "depth")) }
        let user = arguments.string("user")
        if let user, !isUserName(user) {
            errors.append(arguments.error("git.user: '\(arguments.shown("user"))' is no user name", at: "user"))
        }
        surroundings = Surroundings(user: user)
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    /// What git-check-ref-format(1) lets through, more or less, and no option.
    private static func isVersion(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("-") && !text.hasPrefix("/") && !text.hasSuffix("/") && !text.contains("..")
            && !text.contains("//") && !text.contains("@{")
            && text.unicodeScalars.allSatisfy {
                $0.value > 0x20 && $0.value != 0x7f && !"~^:?*[\\".unicodeScalars.contains($0)
            }
    }

    /// The version, where it is a commit.
    var commit: String? {
        guard let version, version.utf8.count == 40, version.utf8.allSatisfy({ isHexadecimal($0) }) else { return nil }
        return version.lowercased()
    }

    public var subject: String { dest }
    public var probeDeadline: Duration { .seconds(120) }

    public static func probe(_ all: [GitClone]) -> Script {
        .lines(
            [Look.prepare]
                + all.map {
                    Look(script: $0.look, surroundings: $0.surroundings, deadline: .seconds(60), isPatient: true).run
                })
    }

    public static func read(_ output: [UInt8], of all: [GitClone]) throws(Failure) -> [Found] {
        var fields = FieldReader(output, deed: "look at clones")
        var found: [Found] = []
        for clone in all { found.append(try clone.judge(try Look.read(&fields), fields)) }
        try fields.end()
        return found
    }

    public var touches: [Effect] { [.path(dest)] }
    public func dependsOn(_ found: Found) -> [Effect] {
        [.path(dest)] + (found.hasGit ? [] : [.packages]) + (surroundings.user.map { [.user($0)] } ?? [])
            + (repo.hasPrefix("/")
                ? [.path(repo)] : repo.hasPrefix("file:///") ? [.path(String(repo.dropFirst(7)))] : [])
    }
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
        UInt8(ascii: "A")...UInt8(ascii: "F"):
        true
    default: false
    }
}
