import Model

/// The password that a user is to have, by its hash, and whether it lets anybody in.
struct UserPassword: Sendable, Hashable {
    let hash: String?
    let isLocked: Bool?

    init(_ arguments: Arguments, kind: String, into errors: inout [InputError]) {
        hash = arguments.string("password")
        isLocked = arguments.bool("locked")
        if let hash, !Self.isHash(hash) {
            // Never shown: who gives the password itself by mistake shall not find it in a log.
            errors.append(
                arguments.error(
                    "\(kind).password: it is no hash of a password", at: "password",
                    hint: "`openssl passwd -6` makes one, which begins with $6$"))
        }
        if hash == "*", isLocked == false {
            errors.append(arguments.error("\(kind).locked: without a password nothing can be unlocked", at: "locked"))
        }
    }

    /// `$id$salt$hash`, as crypt(5) has them; the old ones of thirteen letters are no protection any more.
    private static func isHash(_ text: String) -> Bool {
        if text == "*" { return true }
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        return parts.count >= 4 && parts[0].isEmpty && !parts[1].isEmpty && parts.last?.isEmpty == false
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }
    }

    var isEmpty: Bool { hash == nil && isLocked == nil }

    /// What a user's password is; the hash itself stays on the node.
    struct Found: Sendable, Equatable {
        enum State: String, Sendable { case none, empty, set, locked }
        var state: State
        /// Whether it is the one that was asked for.
        var isWanted: Bool
    }

    /// Defines `password NAME HASH`, which prints what /etc/shadow has. Only the shell's own commands see the hash, for
    /// the arguments of others could be read by everybody.
    static let prepare: Script = """
        password() {
        if [ -r /etc/shadow ]; then
        while IFS=: read -r name hash _; do
        [ "$name" = "$1" ] || continue
        bare=$hash
        while :; do case $bare in '!'*) bare=${bare#?} ;; *) break ;; esac; done
        case $bare in
        '') if [ -z "$hash" ]; then printf empty; else printf none; fi ;;
        '*') printf none ;;
        "$hash") printf 'set' ;;
        *) printf locked ;;
        esac
        if [ "$bare" = "$2" ]; then printf ' wanted'; fi
        break
        done </etc/shadow
        fi
        printf '\\0'
        }
        """

    /// What makes it so; details and lines of the shell. nil where there is nothing to unlock.
    func change(of name: String, from found: Found) -> (details: [Detail], lines: [Script])? {
        let wasLocked = found.state == .locked
        let locks = isLocked ?? wasLocked
        var details: [Detail] = []
        if let hash, !found.isWanted, !(hash == "*" && found.state == .none) {
            details.append(
                .attribute(
                    "password", from: found.state == .none ? nil : Shown("", isSensitive: true),
                    to: Shown("", isSensitive: true)))
        }
        if isLocked == false, hash == nil, found.state == .none { return nil }
        if let isLocked, isLocked != wasLocked, found.state != .none || (hash ?? "*") != "*" {
            details.append(.attribute("locked", from: Shown(String(wasLocked)), to: Shown(String(isLocked))))
        }
        if details.isEmpty { return ([], []) }
        // Where the hash stays as it is it is not sent: a change that shows no secret holds none.
        if let hash, !found.isWanted {
            return (details, ["printf '%s\\n' \(name + ":" + (locks && hash != "*" ? "!" : "") + hash) | chpasswd -e"])
        }
        return (details, [locks ? "usermod -L -- \(name)" : "usermod -U -- \(name)"])
    }
}

extension UserPassword.Found {
    init(_ fields: inout FieldReader) throws(Failure) {
        let words = try fields.next().split(separator: " ")
        state = words.first.flatMap { State(rawValue: String($0)) } ?? .none
        isWanted = words.count > 1
    }
}
