import Model

/// All that apt takes its packages from on a node, and what it says of it as a whole: a source that is right by itself
/// may be one too many, for apt reads none of them where two disagree on who signs a repository.
struct AptSources: Sendable, Equatable {
    /// As dpkg calls it: amd64.
    var architecture = ""
    /// Why apt does not read its sources; empty where it does.
    var complaint = ""
    var files: [AptSourceFile] = []
    /// SHA-256 of the keys, without their armour, by path.
    var keys: [String: String] = [:]

    /// What to do about the same repository in other files.
    enum Neighbours: Sendable, Equatable {
        /// It is not there, or what is there does no harm.
        case none
        /// It is all there, with the same key.
        case used(String)
        /// These files, each with what it was, no longer have it.
        case moved([Move])
        case refused(cause: String, hint: String)
    }

    struct Move: Sendable, Hashable {
        var old: AptSourceFile
        var new: AptSourceFile
    }

    /// - Parameters:
    ///   - path: the source's own file.
    ///   - isThere: whether that is there: then nothing else takes its place.
    ///   - key: the SHA-256 of its key, without armour.
    func neighbours(of source: AptSource, at path: String, isThere: Bool, key: String?) -> Neighbours {
        let ours = pairs(of: source)
        func isTrustedAlike(_ entry: AptSourceEntry) -> Bool {
            if !entry.otherOptions.isEmpty { return false }
            if entry.signedBy == source.signedBy { return true }
            guard let key = key ?? keys[source.signedBy] else { return false }
            let theirs =
                entry.signedBy.contains("-----BEGIN") ? ArmouredKey.sha256(entry.signedBy) : keys[entry.signedBy]
            return theirs == key
        }
        let others = files.filter { $0.path != path }.flatMap { file in
            file.entries.filter { $0.pairs(architecture).contains { ours.contains($0.pair) } }.map { (file, $0) }
        }
        if others.isEmpty { return .none }
        let alike = others.filter { isTrustedAlike($0.1) }
        if !isThere, !isAbout(ours), isCovered(source, by: alike.map(\.1)) {
            return .used(Set(alike.map(\.0.path)).sorted().joined(separator: ", "))
        }
        var moves: [Move] = []
        // From the last line of a file up, so that the lines above keep their numbers.
        for (file, entry) in others.reversed() {
            let place = "\(file.path):\(entry.lines.lowerBound + 1)"
            let more = surplus(of: entry, over: source)
            let isHarmless = entry.signedBy == source.signedBy && entry.otherOptions.isEmpty
            if isHarmless, !more.isEmpty { continue }
            let old = files.first { $0.path == file.path } ?? file
            let now = moves.first { $0.old.path == file.path }?.new ?? old
            guard more.isEmpty,
                let new = now.without(ours, of: entry, architecture: architecture, movedTo: path)
            else {
                let which = more.isEmpty ? "more than this task names" : more.joined(separator: ", ")
                return .refused(
                    cause: "\(place) has the same repository with another key, and \(which)",
                    hint: "apt refuses one repository with two keys: name that in the task, too, or take that line out")
            }
            moves.removeAll { $0.old.path == file.path }
            moves.append(Move(old: old, new: new))
        }
        return moves.isEmpty ? .none : .moved(moves.reversed())
    }

    func pairs(of source: AptSource) -> Set<AptSourceEntry.Pair> {
        Set(
            source.uris.flatMap { uri in
                source.suites.map { AptSourceEntry.Pair(uri, $0, architecture: architecture) }
            })
    }

    /// Whether what apt complains of is about one of these.
    func isAbout(_ pairs: Set<AptSourceEntry.Pair>) -> Bool {
        pairs.contains { pair in
            // "… regarding source https://deb.example/ bookworm: /a.gpg != /b.gpg"
            let suites = pair.suite == "/" ? ["/", "./"] : [pair.suite]
            return complaint.split(separator: "\n").contains { line in
                suites.contains { line.hasSuffix(" \(pair.uri) \($0)") || line.contains(" \(pair.uri) \($0): ") }
            }
        }
    }

    private func isCovered(_ source: AptSource, by entries: [AptSourceEntry]) -> Bool {
        source.types.allSatisfy { type in
            source.uris.allSatisfy { uri in
                source.suites.allSatisfy { suite in
                    let wanted = AptSourceEntry.Pair(uri, suite, architecture: architecture)
                    let here = entries.filter { entry in
                        entry.types.contains(type) && entry.pairs(architecture).contains { $0.pair == wanted }
                            && (entry.architectures.isEmpty
                                || !source.architectures.isEmpty
                                    && source.architectures.allSatisfy(entry.architectures.contains)
                                || source.architectures.isEmpty && entry.architectures == [architecture])
                    }
                    return !here.isEmpty
                        && source.components.allSatisfy { part in here.contains { $0.components.contains(part) } }
                }
            }
        }
    }

    /// What would be lost with an entry.
    private func surplus(of entry: AptSourceEntry, over source: AptSource) -> [String] {
        var more: [String] = []
        func name(_ words: [String], _ field: String) {
            if !words.isEmpty { more.append("\(field) \(words.joined(separator: " "))") }
        }
        name(entry.types.filter { !source.types.contains($0) }, "types")
        name(entry.components.filter { !source.components.contains($0) }, "components")
        if !source.architectures.isEmpty {
            if entry.architectures.isEmpty { more.append("all architectures") }
            name(entry.architectures.filter { !source.architectures.contains($0) }, "architectures")
        }
        return more
    }
}

extension AptSources {
    /// Prints what `read` takes: nothing is fetched, and apt says whether it reads its sources.
    ///
    /// - Parameter keys: paths of keys to look at beside those that sources name.
    static func look(keys: [String]) -> Script {
        """
        dpkg --print-architecture 2>/dev/null
        printf '\\0'
        complaint=$(LC_ALL=C timeout 20 apt-get indextargets 2>&1 >/dev/null) || printf '%.4096s' "${complaint:-apt does not answer within 20s}"
        printf '\\0'
        \(Apt.sourceFiles)
        for file in $files; do
            printf '%s\\0' "$file"
            head -c 1048576 <"$file" | tr -d '\\000'
            printf '\\0'
        done
        printf '\\0'
        key() {
            if grep -q 'BEGIN PGP PUBLIC' "$1" 2>/dev/null; then
                tr -d '\\r' <"$1" | sed -n '/^-----BEGIN/,/^-----END/{/^-----/d;/^=/d;/:/d;/^[[:space:]]*$/d;p;}' | base64 -d 2>/dev/null
            else
                cat -- "$1"
            fi | sha256sum
        }
        {
            printf '%s\\n' \(keys)
            [ -z "$files" ] || cat -- $files | tr ',[] ' '\\n' | sed -n 's/^[^#/]*\\(\\/[^[:space:]=]*\\.\\(gpg\\|asc\\|pgp\\|kbx\\)\\)$/\\1/p'
        } | sed 's/^[^/]*//' | sort -u | while read -r path; do
            [ -f "$path" ] || continue
            printf '%s\\0' "$path"
            key "$path"
            printf '\\0'
        done
        printf '\\0'
        """
    }

    static func read(_ fields: inout FieldReader) throws(Failure) -> AptSources {
        var sources = AptSources(architecture: try fields.nextLineText(), complaint: try fields.nextLineText())
        while case let path = try fields.next(), !path.isEmpty {
            let bytes = try fields.nextBytes()
            sources.files.append(
                AptSourceFile(
                    path: path, text: String(decoding: bytes, as: UTF8.self),
                    isExact: String(validating: bytes, as: UTF8.self) != nil))
        }
        while case let path = try fields.next(), !path.isEmpty {
            sources.keys[path] = String(try fields.nextLineText().prefix(64))
        }
        return sources
    }
}

/// A key in its armour of text (RFC 4880, 6.2).
enum ArmouredKey {
    /// Of the key without its armour; of several blocks, one after the other. nil where it is none.
    static func sha256(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var body: [UInt8]?
        for line in text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline) {
            let words = line.split(separator: " ").joined(separator: " ")
            if words.hasPrefix("-----BEGIN PGP PUBLIC") {
                body = []
            } else if words.hasPrefix("-----END") {
                guard let block = body.flatMap({ Base64.decode($0[...]) }) else { return nil }
                bytes += block
                body = nil
            } else if body != nil, !words.hasPrefix("="), !words.contains(":"), words != "." {
                body? += Array(words.utf8)
            }
        }
        return bytes.isEmpty ? nil : Resources.sha256(bytes)
    }
}
