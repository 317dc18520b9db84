import Model

extension Archive {
    public func difference(from found: Found) -> Difference {
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
            if comparison.isSame { return .none("\(comparison.count) files as in the archive") }
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
                details: [.attribute("archive", from: nil, to: shownSource)] + reasons.map { .note($0) }
                    + permissions.details(from: nil), steps: [.run(unpacking, deadline: NodeFetch.deadline)]))
    }

    private var shownSource: Shown {
        switch source {
        case .node(let path): Shown(path)
        case .network(let file): file.shown
        }
    }

    private var unpacking: Script {
        var lines: [Script] = ["umask 022\nmkdir -p -- \(path) || exit"]
        let archive: String
        switch source {
        case .node(let path): archive = path
        case .network(let file):
            let fetch = NodeFetch(
                file: file, target: "\(path == "/" ? "" : path)/archive",
                otherwise: "a download task with via: laptop brings it, and 'src' names it")
            archive = fetch.partial
            lines += [fetch.script, "umask 022"]
        }
        lines += [ArchiveFormat.functions, check(archive)]
        // Until all is unpacked, what it creates tells nothing.
        if creates != nil { lines.append("mkdir -p -- \(mark) || exit") }
        lines.append(unpack(archive))
        lines += settling
        if creates != nil { lines.append("rmdir -- \(mark)") }
        if case .network = source { lines.append("rm -f -- \(archive)") }
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

    private func check(_ archive: String) -> Script {
        """
        archive=\(archive)
        list "$archive" \(format.rawValue) || { printf '%s\\n' "$problem" | sed '/^hint: /!s/$/: nothing was unpacked/' >&2; exit 1; }
        """
    }

    private func unpack(_ archive: String) -> Script {
        if format == .zip { return "unzip -o -q \"$archive\" -d \(path) >&2 || exit 1" }
        let strip: Script = stripComponents > 0 ? "--strip-components=\(stripComponents)" : ""
        // A directory that is there keeps its mode and owner, as far as tar can be told so.
        return """
            if [ "$gnu" ]; then
                through "$archive" \(format.rawValue) tar --no-overwrite-dir -x -o \(strip) -C \(path) -f - || exit 1
            else
                through "$archive" \(format.rawValue) tar -x -o \(strip) -C \(path) -f - || exit 1
            fi
            """
    }

    /// Owner and mode of the members alone: other files in the directory are not ours.
    private var settling: [Script] {
        var lines: [Script] = []
        let members: Script = "printf '%s\\n' \"$list\" | names \(stripComponents) | sed 's#^#./#'"
        if let account = permissions.account {
            lines.append(
                "(cd -- \(path) && \(members) | tr '\\n' '\\0' | xargs -r -0 chown -h -- \(account)) || exit 1")
        }
        if let mode = permissions.mode, let directoryMode {
            lines.append(
                """
                (cd -- \(path) && \(members) | while IFS= read -r name; do
                if [ -L "$name" ]; then :; elif [ -d "$name" ]; then chmod -- \("0" + octal(directoryMode)) "$name"
                else chmod -- \("0" + octal(mode)) "$name"; fi || exit 1
                done) || exit 1
                """)
        }
        return lines
    }
}
