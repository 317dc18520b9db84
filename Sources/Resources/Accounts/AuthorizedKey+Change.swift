import Model

extension AuthorizedKey {
    public func difference(from found: Found) -> Difference {
        guard let user = found.user else {
            return edit.isPresent
                ? .fails(
                    cause: "the user \(self.user) does not exist on the node", hint: "a user task before it makes it")
                : .none("no such user")
        }
        let path = user.home + "/.ssh/authorized_keys"
        guard let home = found.home, home.kind == .directory || home.kind == .link else {
            if !edit.isPresent { return .none("\(path) does not exist") }
            return .fails(
                cause: "\(user.home), the home of \(user.name), is no directory", hint: "create_home of the user's task"
            )
        }
        for (entry, kind, path, what) in [
            (found.folder, .directory, user.home + "/.ssh", "directory"), (found.file, .file, path, "file"),
        ] as [(NodeEntry?, NodeEntry.Kind, String, String)] {
            guard let entry, entry.kind != kind else { continue }
            return .fails(
                cause: entry.kind == .link ? "\(path) is a symbolic link" : "\(path) is no \(what)",
                hint: "kubani follows no links in a user's home, where they are the user's to change: remove it")
        }
        if found.file != nil, found.content == nil {
            return .fails(cause: "\(path) has more than \(Self.limit) bytes, or could not be read", hint: nil)
        }
        let old = found.content ?? []
        if String(validating: old, as: UTF8.self)?.contains("\0") != false {
            return .fails(cause: "\(path) is not a text in UTF-8", hint: nil)
        }
        let new = edit.applied(to: old)
        if !edit.isPresent, new == old { return .none("no such key") }
        if new.count > Self.limit { return .fails(cause: "\(path) would have \(new.count) bytes", hint: nil) }
        var details: [Detail] = []
        if new != old || found.file == nil {
            func shown(_ bytes: [UInt8]) -> Shown {
                Shown(String(decoding: bytes, as: UTF8.self), isSensitive: isSensitive || found.file?.isPrivate == true)
            }
            details.append(.text(path, from: found.file.map { _ in shown(old) }, to: shown(new)))
        }
        details += access("directory", found.folder, 0o700, user) + access("file", found.file, 0o600, user)
        if details.isEmpty { return .none("\(path) has \(edit.keys.count == 1 ? "it" : "them")") }
        return .change(
            Change(
                found.file == nil ? .create : .update, details: details,
                steps: [.run(put(new, over: found, of: user), deadline: .seconds(60))]))
    }

    private func access(_ what: String, _ entry: NodeEntry?, _ mode: UInt16, _ user: Accounts.User) -> [Detail] {
        guard let entry else { return [] }
        var details: [Detail] = []
        if entry.mode != mode {
            details.append(.attribute("\(what)'s mode", from: Shown(octal(entry.mode)), to: Shown(octal(mode))))
        }
        if entry.uid != user.uid {
            details.append(.attribute("\(what)'s owner", from: Shown(entry.owner), to: Shown(user.name)))
        }
        return details
    }

    /// Root does what the user may not: a directory in a home that is not the user's own, or that is somebody else's.
    /// `chown -h` changes what is there and not where it leads. All else is done with the user's rights, so that a link
    /// which is put in the way meanwhile leads to nothing that the user could not change anyway.
    private func put(_ new: [UInt8], over found: Found, of user: Accounts.User) -> Script {
        let owner = "\(user.uid):\(user.gid)"
        let prepare: Script =
            if found.folder == nil {
                "mkdir -m 700 .ssh && chown -h -- \(owner) .ssh || exit"
            } else if found.folder?.uid != user.uid {
                "[ ! -L .ssh ] && [ -d .ssh ] && chown -h -- \(owner) .ssh || exit"
            } else {
                ":"
            }
        let old = found.file == nil ? "" : sha256(found.content ?? [])
        let write: Script = """
            umask 077
            cd -- \(user.home + "/.ssh") || exit
            chmod 700 . || exit
            if [ -e authorized_keys ] && [ "$(stat -c %u authorized_keys)" = \(user.uid) ]; then chmod u+rw authorized_keys || exit; fi
            now=
            if [ -r authorized_keys ]; then now=$(sha256sum <authorized_keys); now=${now%% *}; fi
            if [ -e authorized_keys ] && [ -r authorized_keys ] && [ "$now" != \(old) ]; then
            echo "it has changed since it was looked at" >&2
            exit 1
            fi
            rm -f .kubani-keys
            printf '%s' \(String(decoding: new, as: UTF8.self)) >.kubani-keys && mv -f .kubani-keys authorized_keys || {
            status=$?
            rm -f .kubani-keys
            exit "$status"
            }
            """
        return """
            cd -P -- \(user.home) || exit
            \(prepare)
            KUBANI_SCRIPT=\(write.text)
            export KUBANI_SCRIPT
            \(Surroundings(user: user.name).shell)
            """
    }
}
