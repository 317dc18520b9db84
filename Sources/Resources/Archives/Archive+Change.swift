import Model

extension Archive {
    public func difference(from found: Found) -> Difference {
        found.way.failure ?? found.way.noting(differenceThere(from: found))
    }

    private func differenceThere(from found: Found) -> Difference {
        if let entry = found.entry, entry.kind != .directory {
            return .fails(cause: "\(path) is not a directory", hint: "remove it with an 'absent' task first")
        }
        var reasons: [String] = []
        if let creates {
            if found.isCreated, !found.isInterrupted { return .none("\(creates) is there") }
            reasons.append(
                found.isInterrupted ? "an earlier run was stopped while it unpacked" : "\(creates) is not there")
        }
        if let sourcePath {
            guard let source = found.source else {
                return .fails(
                    cause: "\(sourcePath) does not exist", hint: "put a download or file task before this one")
            }
            guard source.kind == .file else { return .fails(cause: "\(sourcePath) is not a file", hint: nil) }
            if let problem = found.problem {
                let lines = problem.split(separator: "\n").map(String.init)
                let hint = lines.last.flatMap { $0.hasPrefix("hint: ") ? String($0.dropFirst(6)) : nil }
                return .fails(
                    cause: "\(sourcePath) cannot be unpacked: \(lines.first ?? problem)",
                    hint: hint ?? "is it a \(format.rawValue), and whole?")
            }
        }
        if creates == nil, let comparison = found.comparison {
            if let obstacle = comparison.obstacle {
                return .fails(cause: "\(sourcePath ?? path): \(obstacle)", hint: "'creates' looks at no member")
            }
            if comparison.isSame {
                let by = found.way.through.isEmpty ? "" : ", by \(found.way.through.joined(separator: ", "))"
                return .none("\(comparison.count) files as in the archive\(by)")
            }
            if !comparison.missing.isEmpty { reasons.append("missing: \(ArchiveComparison.some(comparison.missing))") }
            if !comparison.differing.isEmpty {
                reasons.append("differs: \(ArchiveComparison.some(comparison.differing))")
            }
        }
        let isNew =
            found.entry == nil || found.comparison.map { $0.missing.count >= $0.count && $0.differing.isEmpty } ?? true
        return .change(
            Change(
                isNew ? .create : .update,
                details: [.attribute("archive", from: nil, to: shownSource)]
                    + (reasons + setIDs(found)).map { .note($0) }
                    + permissions.details(from: nil), steps: [.run(unpacking, deadline: NodeFetch.deadline)]))
    }

    /// What of it runs with the rights of whoever owns it.
    private func setIDs(_ found: Found) -> [String] {
        guard permissions.mode == nil, let names = found.comparison?.setIDs, !names.isEmpty else { return [] }
        return ["set-user-id or set-group-id: \(ArchiveComparison.some(names))"]
    }

    private var shownSource: Shown {
        switch source {
        case .node(let path): Shown(path)
        case .network(let file): file.shown
        }
    }

    private var unpacking: Script {
        var lines: [Script] = [NodeWay.functions, ArchiveFormat.functions, "umask 022"]
        switch source {
        case .node(let path):
            lines += [
                """
                reach \(path) && follow || stop
                [ -f "./$name" ] || { refused="$here/$name is not a file"; stop; }
                exec 9<"./$name"
                { held || stop; } 7<&9
                archive=/proc/self/fd/9
                """, enter,
            ]
        case .network(let file):
            let fetch = NodeFetch(
                file: file, target: "\(path == "/" ? "" : path)/archive",
                otherwise: "a download task with via: laptop brings it, and 'src' names it")
            lines += [
                enter, fetch.script,
                """
                umask 022
                fetched=$kept/${partial#./}
                trap 'rm -f -- "$fetched"; rmdir -- "$kept" 2>/dev/null' EXIT
                exec 9<"$partial"
                archive=/proc/self/fd/9
                enter "${base:-/}" || stop
                """,
            ]
        }
        lines += [ArchivePlacing.functions, check]
        // Until all is unpacked, what it creates tells nothing.
        if creates != nil { lines.append("mkdir -- \(markName) 2>/dev/null || [ -d \(markName) ] || exit") }
        lines.append(
            """
            if isRootsAlone; then
                \(unpack)
                \(Script.lines(settling))
            else
                (
                own \(workName) || stop
                rm -rf -- ./new
                mkdir ./new && cd ./new || exit
                \(unpack)
                \(Script.lines(settling))
                exec 8<.
                enter "${base:-/}" && place '' || stop
                ) || { status=$?; clearWork; exit "$status"; }
                clearWork
            fi
            """)
        if creates != nil { lines.append("rmdir -- \(markName)") }
        if let creates {
            lines.append(
                """
                if [ ! -e \(creates) ] && [ ! -L \(creates) ]; then
                printf '%s\\n' \("\(creates) did not come with the archive") >&2
                printf '%s\\n' "$list" | names \(stripComponents) | head -n 5 | paste -s -d , - | sed -e 's/,/, /g' -e 's/^/hint: it holds /' >&2
                exit 1
                fi
                """)
        }
        return .lines(lines)
    }

    private var enter: Script {
        """
        strip=\(stripComponents) account=\(permissions.account ?? "") mode=\(directoryMode.map { "0" + octal($0) } ?? "") work=\(workName)
        [ -d \(path) ] || made=yes
        enter \(path) make || stop
        base=$here
        """
    }

    private var markName: String { String(mark.split(separator: "/").last ?? "") }
    private var workName: String { ".kubani-\(sha256(Array("unpacking \(path)".utf8)).prefix(16))" }

    private var check: Script {
        """
        whole
        list "$archive" \(format.rawValue) || {
            printf '%s\\n' "$problem" | sed '/^hint: /!s/$/: nothing was unpacked/' >&2
            [ -z "$made" ] || { [ -z "$fetched" ] || { rm -f -- "$fetched"; rmdir -- "$kept"; }; rmdir -- "../${base##*/}"; } 2>/dev/null
            exit 1
        }
        """
    }

    /// Into the folder that is here.
    private var unpack: Script {
        if format == .zip { return "unzip -o -q \"$archive\" -d . >&2 || exit 1" }
        let strip: Script = stripComponents > 0 ? "--strip-components=\(stripComponents)" : ""
        // A directory that is there keeps its mode and owner, as far as tar can be told so.
        return """
            if [ "$gnu" ]; then
                through "$archive" \(format.rawValue) tar --no-overwrite-dir -x -o \(strip) -f - || exit 1
            else
                through "$archive" \(format.rawValue) tar -x -o \(strip) -f - || exit 1
            fi
            """
    }

    /// Owner and mode of the members alone: other files in the directory are not ours. Set-id bits that no plan could
    /// show, for the archive was not there yet, are taken away.
    private var settling: [Script] {
        var lines: [Script] = []
        let members: Script = "printf '%s\\n' \"$list\" | names \(stripComponents) | sed 's#^#./#'"
        if let account = permissions.account {
            lines.append("\(members) | tr '\\n' '\\0' | xargs -r -0 chown -h -- \(account) || exit 1")
        }
        if case .network = source, permissions.mode == nil {
            lines.append(
                """
                printf '%s\\n' "$list" | grep '^-[^ ]*[sS]' | names \(stripComponents) | sed 's#^#./#' | tr '\\n' '\\0' | xargs -r -0 chmod ug-s -- || exit 1
                """)
        }
        if let mode = permissions.mode, let directoryMode {
            lines.append(
                """
                \(members) | while IFS= read -r name; do
                if [ -L "$name" ]; then :; elif [ -d "$name" ]; then chmod -- \("0" + octal(directoryMode)) "$name"
                else chmod -- \("0" + octal(mode)) "$name"; fi || exit 1
                done || exit 1
                """)
        }
        return lines
    }
}
