import Model

extension GitClone {
    /// Git asks nobody, writes no index while it looks, and gives no other language's messages. With SUDO_UID it would
    /// run as root what the clone of whoever logged in says, hooks and all.
    static let quiet: Script = """
        cd / || exit
        unset SUDO_UID
        export GIT_TERMINAL_PROMPT=0 GIT_OPTIONAL_LOCKS=0 LC_ALL=C
        export GIT_SSH_COMMAND="${GIT_SSH_COMMAND:-$(git config --get core.sshCommand || echo ssh) -o BatchMode=yes}"
        """

    /// Lines `KEY VALUE`, for what a look prints goes through a variable of the shell.
    var look: Script {
        """
        command -v git >/dev/null || exit 0
        echo git
        \(Self.quiet)
        place=\(dest)
        \(entering)
        if [ "$place" ] && { [ -L "$place" ] || [ -e "$place" ]; }; then
        if [ -e "$place/.git" ]; then
        if ! git -C "$place" rev-parse --git-dir >/dev/null; then echo place other; exit 1; fi
        echo place clone
        echo "head $(git -C "$place" rev-parse -q --verify HEAD)"
        echo "branch $(git -C "$place" symbolic-ref -q --short HEAD)"
        echo "origin $(git -C "$place" config --get remote.origin.url)"
        git -C "$place" -c core.fsmonitor=false status --porcelain --untracked-files=no | head -n 20 | sed 's/^/change /'
        if [ -z "$(git -C "$place" for-each-ref --count=1 --contains HEAD refs/remotes refs/tags refs/kubani 2>/dev/null)" ]; then echo own; fi
        elif [ -d "$place" ] && [ -z "$(ls -A "$place")" ]; then
        echo place empty
        else
        echo place other
        fi
        fi
        \(ask)
        """
    }

    /// Root goes there as to any path; a user can be led nowhere that is not the user's to change anyway.
    private var entering: Script {
        guard surroundings.user == nil else { return ":" }
        return """
            \(NodeWay.functions)
            if enter "$place"; then
            place=.
            printf '%s\\n' "$through" | sed -n 's/./through &/p'
            elif [ "$missing" ]; then place=
            else
            case $refused in *'not a directory') echo place other ;; *) echo "refused $refused" ;; esac
            exit 0
            fi
            """
    }

    private var ask: Script {
        if commit != nil { return ":" }
        let names = version.map { ["refs/heads/\($0)", "refs/tags/\($0)", "refs/tags/\($0)^{}"] } ?? ["HEAD"]
        return """
            remote=$(git ls-remote --symref -- \(repo) \(names))
            status=$?
            echo "remote $status"
            printf '%s\\n' "$remote" | sed -n 's/^ref: refs\\/heads\\/\\(.*\\)[[:blank:]]HEAD$/default \\1/p;s/^\\([0-9a-f]*\\)[[:blank:]]\\(.*\\)$/ref \\1 \\2/p'
            """
    }

    func judge(_ answer: Look.Answer, _ fields: FieldReader) throws(Failure) -> Found {
        var found = Found(
            hasGit: false, place: .nothing, head: "", branch: "", origin: "", changes: [], hasOwnCommits: false,
            remote: Remote(said: answer.stderr))
        for line in answer.stdout.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            let value = words.count > 1 ? words[1] : ""
            switch words.first {
            case "git": found.hasGit = true
            case "refused": found.way.refusal = value
            case "through": found.way.through.append(value)
            case "place": found.place = Place(rawValue: value) ?? .other
            case "head": found.head = value
            case "branch": found.branch = value
            case "origin": found.origin = value
            case "change": found.changes.append(value)
            case "own": found.hasOwnCommits = true
            case "remote": found.remote.status = Int(value) ?? 1
            case "default": found.remote.branch = value
            case "ref":
                let parts = value.split(separator: " ", maxSplits: 1).map(String.init)
                if parts.count == 2 { found.remote.references[parts[1]] = parts[0] }
            default: throw fields.unreadable("an unexpected line about \(dest)")
            }
        }
        if answer.timedOut {
            found.remote.status = answer.status
            found.remote.said = "it gave no answer within 60 s"
        }
        return found
    }
}
