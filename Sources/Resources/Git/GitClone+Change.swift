import Model

extension GitClone {
    public func difference(from found: Found) -> Difference {
        found.way.failure ?? found.way.noting(differenceThere(from: found))
    }

    private func differenceThere(from found: Found) -> Difference {
        guard found.hasGit else {
            return .fails(cause: "git is not on the node", hint: "a package task of git comes before it")
        }
        if found.place == .other {
            let why = found.remote.said.split(separator: "\n").first.map { ": \($0)" } ?? ""
            return .fails(
                cause: "\(dest) is there, and no clone\(why)",
                hint: "an empty directory will do; a clone of another user's needs 'user'")
        }
        guard let wanted = wanted(found.remote) else {
            if found.remote.status != 0 {
                let why =
                    found.remote.said.split(separator: "\n").first.map(String.init) ?? "exit \(found.remote.status)"
                return .fails(
                    cause: "\(repo) does not answer: \(why)",
                    hint: "is the address right, and may the node read it without a password?")
            }
            return .fails(
                cause: "\(repo) has no branch and no tag \(version ?? "HEAD")",
                hint: version == nil ? "is it empty? Name a 'version'" : "a commit needs all 40 digits")
        }
        var details: [Detail] = []
        let isNew = found.place != .clone
        if found.origin != repo {
            details.append(.attribute("repo", from: isNew ? nil : Shown(found.origin), to: Shown(repo)))
        }
        if found.head != wanted.commit {
            details.append(
                .attribute(
                    "commit", from: found.head.isEmpty ? nil : Shown(short(found.head)),
                    to: Shown(short(wanted.commit) + (version == nil || commit != nil ? "" : " (\(version ?? ""))"))))
        }
        if !isNew, found.branch != (wanted.branch ?? "") {
            details.append(
                .attribute(
                    "branch", from: found.branch.isEmpty ? nil : Shown(found.branch),
                    to: wanted.branch.map { Shown($0) }
                ))
        }
        let lost = found.changes + (found.hasOwnCommits && !found.head.isEmpty ? ["commits of its own"] : [])
        if isForced { details += lost.map { .note("throws away \($0)") } }
        if details.isEmpty { return .none("at \(short(wanted.commit))" + (lost.isEmpty ? "" : ", with local changes")) }
        if !lost.isEmpty, !isForced {
            return .fails(
                cause: "\(dest) was changed on the node: \(lost.prefix(3).joined(separator: ", "))",
                hint: "keep what is needed, or force: true throws it away")
        }
        return .change(
            Change(
                isNew ? .create : .update, details: details,
                steps: [.run(make(wanted, found), deadline: .seconds(1800))]))
    }

    struct Wanted {
        var commit: String
        /// nil for a tag or a commit.
        var branch: String?
        /// What is fetched.
        var reference: String
    }

    /// A tag goes before a branch of the same name, as everywhere in Git.
    private func wanted(_ remote: Remote) -> Wanted? {
        if let commit { return Wanted(commit: commit, reference: commit) }
        guard let version else {
            let branch = remote.branch
            return remote.references["HEAD"].map {
                Wanted(commit: $0, branch: branch, reference: branch.map { "refs/heads/" + $0 } ?? "HEAD")
            }
        }
        let tag = "refs/tags/\(version)"
        if let commit = remote.references[tag + "^{}"] ?? remote.references[tag] {
            return Wanted(commit: commit, reference: tag)
        }
        let branch = "refs/heads/\(version)"
        return remote.references[branch].map { Wanted(commit: $0, branch: version, reference: branch) }
    }

    private func short(_ commit: String) -> String { String(commit.prefix(12)) }

    /// A new clone is made beside its place and moved there, so that half of one never lies there.
    private func make(_ wanted: Wanted, _ found: Found) -> Script {
        let isNew = found.place == .nothing
        let folder = parent(of: dest) == "/" ? "" : parent(of: dest)
        let name = ".kubani-\(sha256(Array(dest.utf8)).prefix(16))"
        let isRoot = surroundings.user == nil
        // Root works in folders that were entered, or are its own.
        let work = isRoot ? (isNew ? "./new" : ".") : isNew ? "\(folder)/\(name)" : dest
        let depth: [String] = self.depth.map { ["--depth", String($0)] } ?? []
        // The name under which what was fetched stays known: what is known nowhere would seem to be made on the node.
        let own =
            wanted.branch.map { "refs/remotes/origin/\($0)" }
            ?? (wanted.reference.hasPrefix("refs/tags/") ? wanted.reference : "refs/kubani/\(wanted.commit)")
        let checkOut: Script =
            wanted.branch.map { branch in
                """
                git -C \(work) checkout -q \(isForced ? ["-f"] : []) -B \(branch) \(wanted.commit) -- || exit
                git -C \(work) config \("branch.\(branch).remote") origin
                git -C \(work) config \("branch.\(branch).merge") \("refs/heads/" + branch)
                """
            } ?? "git -C \(work) checkout -q \(isForced ? ["-f"] : []) --detach \(wanted.commit) -- || exit"
        let fetch: Script =
            commit == nil
            ? "git -C \(work) fetch -q \(depth) --force origin \("+" + wanted.reference + ":" + own) || exit"
            // Not every server gives a commit that is not the head of something.
            : """
            git -C \(work) fetch -q \(depth) origin \("+" + wanted.commit + ":" + own) 2>/dev/null || {
            git -C \(work) fetch -q --tags --force origin '+refs/heads/*:refs/remotes/origin/*' || exit
            git -C \(work) update-ref \(own) \(wanted.commit) || {
            echo "hint: the repository has no such commit" >&2
            exit 1
            }
            }
            """
        let initialize: Script = "git init -q -- \(work) && git -C \(work) remote add origin \(repo) || exit"
        let begin: Script
        switch (isNew, isRoot) {
        case (true, true):
            begin = """
                \(NodeWay.functions)
                reach \(dest) make || stop
                goal=$name
                own \(name) || stop
                rm -rf ./new
                trap 'status=$?; rm -rf ./new; cd .. && rmdir ./\(name); exit $status' EXIT
                \(initialize)
                """
        case (true, false):
            begin = """
                mkdir -p -- \(parent(of: dest)) || exit
                rm -rf -- \(work)
                work=\(work)
                trap 'status=$?; rm -rf -- "$work"; exit $status' EXIT
                \(initialize)
                """
        case (false, _):
            begin = """
                \(isRoot ? "\(NodeWay.functions)\nenter \(dest) || stop" as Script : ":" as Script)
                [ -e \(work + "/.git") ] || git init -q -- \(work) || exit
                git -C \(work) remote set-url origin \(repo) 2>/dev/null || git -C \(work) remote add origin \(repo) || exit
                """
        }
        let end: Script =
            !isNew
            ? ":"
            : isRoot
                ? #"[ ! -e "../$goal" ] && over ./new "../$goal" || stop"#
                : "[ ! -e \(dest) ] && mv -- \(work) \(dest) || exit"
        let all: Script = """
            \(Self.quiet)
            unset GIT_OPTIONAL_LOCKS
            umask 022
            \(begin)
            \(fetch)
            \(checkOut)
            \(end)
            """
        guard surroundings.user != nil else { return all }
        return "KUBANI_SCRIPT=\(all.text)\nexport KUBANI_SCRIPT\n\(surroundings.shell)"
    }
}
