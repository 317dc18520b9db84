import Model

extension User {
    public func difference(from found: Found) -> Difference {
        let accounts = found.accounts
        guard isPresent else { return gone(accounts.user(name)) }
        if let uid, let holder = accounts.users.first(where: { $0.uid == uid && $0.name != name }) {
            return .fails(cause: "\(uid) is the number of the user \(holder.name)", hint: "give another uid")
        }
        if let missing = ((groups ?? []) + (group.map { [$0] } ?? [])).first(where: { accounts.group(named: $0) == nil }
        ) {
            return .fails(
                cause: "the group \(missing) does not exist on the node", hint: "a group task before it makes it")
        }
        if !found.hasShell {
            return .fails(
                cause: "\(shell ?? "") is no program of the node", hint: "the task of its package comes before it")
        }
        guard let user = accounts.user(name) else { return new(found) }
        var details: [Detail] = []
        var options: [String] = []
        func wanted(_ what: String, _ option: String, _ old: String, _ new: String?) {
            guard let new, new != old else { return }
            details.append(.attribute(what, from: Shown(old), to: Shown(new)))
            options += [option, new]
        }
        wanted("uid", "-u", String(user.uid), uid.map { String($0) })
        let own = accounts.group(gid: user.gid)
        wanted(
            "group", "-g", own?.name ?? String(user.gid), group.flatMap { accounts.group(named: $0)?.name })
        membership(accounts, own: group.flatMap { accounts.group(named: $0)?.name } ?? own?.name, &details, &options)
        wanted("home", "-d", user.home, home)
        wanted("shell", "-s", user.shell, shell)
        wanted("comment", "-c", user.comment, comment)
        var lines: [Script] = options.isEmpty ? [] : ["usermod \(options) -- \(name) \(Self.orHint)"]
        guard let secret = password.change(of: name, from: found.password) else { return nothingToUnlock }
        details += secret.details
        lines += secret.lines
        if createsHome, !found.hasHome {
            details.append(.attribute("home directory", from: nil, to: Shown(home ?? user.home)))
            lines.append(Self.makeHome(home ?? user.home, of: name))
        }
        if lines.isEmpty { return .none("present, uid \(user.uid)") }
        return .change(Change(.update, details: details, steps: [.run(Self.all(lines), deadline: .seconds(300))]))
    }

    /// Which groups it is to enter and leave; its own is not one of them.
    private func membership(
        _ accounts: Accounts, own: String?, _ details: inout [Detail], _ options: inout [String]
    ) {
        guard let groups else { return }
        let old = accounts.groups.filter { $0.members.contains(name) && $0.name != own }.map(\.name).sorted()
        let wanted = Set(groups).subtracting(own.map { [$0] } ?? [])
        let new = (appends ? wanted.union(old) : wanted).sorted()
        if new == old { return }
        details.append(
            .attribute("groups", from: Shown(old.joined(separator: ", ")), to: Shown(new.joined(separator: ", "))))
        options += ["-G", new.joined(separator: ",")]
    }

    private func new(_ found: Found) -> Difference {
        var details: [Detail] = []
        var options: [String] = isSystem ? ["-r"] : []
        func wanted(_ what: String, _ option: String, _ new: String?) {
            guard let new else { return }
            details.append(.attribute(what, from: nil, to: Shown(new)))
            options += [option, new]
        }
        wanted("uid", "-u", uid.map { String($0) })
        // useradd refuses to make the user's own group where there is one of its name.
        let own = group ?? (found.accounts.group(name) == nil ? nil : name)
        wanted("group", "-g", own)
        if let groups, !groups.isEmpty {
            details.append(.attribute("groups", from: nil, to: Shown(groups.joined(separator: ", "))))
            options += ["-G", groups.joined(separator: ",")]
        }
        wanted("home", "-d", home)
        wanted("shell", "-s", shell)
        wanted("comment", "-c", comment)
        options.append(createsHome ? "-m" : "-M")
        guard let secret = password.change(of: name, from: .init(state: .none, isWanted: false)) else {
            return nothingToUnlock
        }
        return .change(
            Change(
                .create, details: details + secret.details,
                steps: [.run(Self.all(["useradd \(options) -- \(name)"] + secret.lines), deadline: .seconds(300))]))
    }

    private func gone(_ user: Accounts.User?) -> Difference {
        guard let user else { return .none("no such user") }
        let options = removesHome ? ["-r"] : []
        return .change(
            Change(
                .delete,
                details: removesHome ? [.note("removes \(user.home)")] : [.note("\(user.home) is left")],
                steps: [.run("userdel \(options) -- \(name) \(Self.orHint)", deadline: .seconds(300))]))
    }

    private var nothingToUnlock: Difference {
        .fails(cause: "\(name) has no password that could be unlocked", hint: "give its 'password', too")
    }

    /// As useradd makes one. Nobody but root can get into it before it is whole.
    private static func makeHome(_ home: String, of name: String) -> Script {
        """
        { umask 022; mkdir -p -- \(parent(of: home)) && mkdir -m 700 -- \(home) &&
        { [ ! -d /etc/skel ] || cp -R /etc/skel/. \(home + "/"); } &&
        chown -hR -- "$(id -u \(name)):$(id -g \(name))" \(home); }
        """
    }

    /// 8 is what these programs exit with while the user is logged in or has processes.
    private static let orHint: Script =
        "|| { status=$?; [ \"$status\" != 8 ] || echo 'hint: end its sessions and processes first' >&2; exit \"$status\"; }"

    private static func all(_ lines: [Script]) -> Script {
        Script.lines(lines.map { $0 + " || exit" })
    }
}
