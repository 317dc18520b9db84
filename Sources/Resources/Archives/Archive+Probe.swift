import Model

extension Archive {
    public static func probe(_ all: [Archive]) -> Script {
        .lines(
            [
                FollowedPaths.probe(all.map(\.path) + all.compactMap(\.sourcePath)),
                all.contains { $0.comparesSource != nil }
                    ? ArchiveFormat.functions + "\n" + ArchivePlacing.functions : "",
                lookFunctions,
            ] + all.map(\.look))
    }

    private var look: Script {
        let flags: Script = "flag \(creates ?? ""); flag \(mark)"
        guard let source = comparesSource else { return flags }
        return "\(flags)\ncompare \(source) \(format.rawValue) \(stripComponents) \(path)"
    }

    var sourcePath: String? { if case .node(let path) = source { path } else { nil } }

    /// There while the archive is being unpacked: where a run was stopped in the middle, `creates` tells nothing.
    var mark: String { "\(path == "/" ? "" : path)/.kubani-\(sha256(Array("archive \(path)".utf8)).prefix(16))" }

    /// `compare` prints what is wrong with the archive, its listing, which links are
    /// followed or, with `!`, why one is not, what is there of it, where the links there lead, closed by an empty record, and the two hashes of all contents.
    private static let lookFunctions: Script = #"""
        flag() { if [ -n "$1" ] && { [ -e "$1" ] || [ -L "$1" ]; }; then printf '1\0'; else printf '\0'; fi; }
        compare() {
            archive=$1 strip=$3 problem= list=
            if reach "$1" && follow && [ -f "./$name" ] && exec 9<"./$name"; then
                { held; } 7<&9 && list /proc/self/fd/9 "$2" || problem=${problem:-$refused}
            elif [ -z "$missing" ]; then
                problem=$refused
            fi
            printf '%s\0%s\0' "$problem" "$list"
            if [ -n "$problem" ] || [ -z "$list" ] || ! enter "$4"; then
                printf '\0\0\0\0'
                return
            fi
            base=$here
            memberFolders | while IFS= read -r folder; do
                [ -L "./$folder" ] || continue
                if enter "$base/$folder"; then printf '%s\n' "$through"; else printf '!%s\n' "$refused"; fi
                enter "${base:-/}"
            done
            printf '\0'
            printf '%s\n' "$list" | names "$3" | sed 's#^#./#' | tr '\n' '\0' |
                xargs -r -0 stat -c '%f/%u/%g/%s/%U/%G/%n//' -- 2>/dev/null
            printf '\0'
            printf '%s\n' "$list" | grep '^l' | names "$3" | while IFS= read -r name; do
                to=$(readlink -- "./$name"; echo .)
                printf '=%s\0' "${to%??}"
            done
            printf '\0'
            files=$(printf '%s\n' "$list" | grep '^-' | names "$3")
            if printf '%s\n' "$files" | while IFS= read -r name; do
                [ -z "$name" ] || { [ -f "./$name" ] && [ ! -L "./$name" ]; } || exit 1
            done; then
                there=$(printf '%s\n' "$files" | grep . | sed 's#^#./#' | tr '\n' '\0' | xargs -r -0 cat -- | sha256sum)
                packed=$(contents /proc/self/fd/9 "$2" | sha256sum)
                printf '%s %s' "${packed%% *}" "${there%% *}"
            fi
            printf '\0'
        }
        """#

    public static func read(_ output: [UInt8], of all: [Archive]) throws(Failure) -> [Found] {
        var output = ProbeOutput(output, deed: "look at archives")
        let looked = all.map(\.path) + all.compactMap(\.sourcePath)
        let paths = try FollowedPaths(&output, of: looked)
        var found: [Found] = []
        var next = all.count
        for (i, archive) in all.enumerated() {
            var one = Found(entry: paths[i].entry ?? paths[i].link, way: paths[i].way)
            if archive.sourcePath != nil {
                one.source = paths[next].entry
                one.way.refusal = one.way.refusal ?? paths[next].way.refusal
                next += 1
            }
            one.isCreated = try !output.text().isEmpty
            one.isInterrupted = try !output.text().isEmpty
            if archive.comparesSource != nil { try archive.read(&output, into: &one) }
            found.append(one)
        }
        try output.end()
        return found
    }

    private func read(_ output: inout ProbeOutput, into found: inout Found) throws(Failure) {
        let problem = try output.text()
        let listing = Array(try output.record())
        for link in try output.text().split(separator: "\n") {
            if link.hasPrefix("!") {
                found.way.refusal = found.way.refusal ?? String(link.dropFirst())
            } else if !found.way.through.contains(String(link)) {
                found.way.through.append(String(link))
            }
        }
        let records = try NodeEntries.records(try output.record(), of: output)
        var targets: [String] = []
        while case let target = try output.text(), !target.isEmpty { targets.append(String(target.dropFirst())) }
        let hashes = try output.text().split(separator: " ").map(String.init)
        guard problem.isEmpty, found.source?.kind == .file else {
            found.problem = problem.isEmpty ? nil : problem
            return
        }
        var entries: [String: NodeEntry] = [:]
        for (path, entry) in records {
            if let path = ArchiveMember.plain(path) { entries[path] = entry }
        }
        found.comparison = try ArchiveComparison(
            .init(
                listing: listing, entries: entries, targets: targets,
                contents: hashes.count == 2 ? (hashes[0], hashes[1]) : nil), of: self)
    }
}
