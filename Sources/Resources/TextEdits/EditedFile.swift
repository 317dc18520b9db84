import Model

/// What one look told of a text file of which a task edits a part.
public struct EditedFile: Sendable, Equatable {
    /// What the path leads to; nil where there is nothing.
    public var entry: NodeEntry?
    var way = PathWay()
    /// The file itself, where the path is a link.
    public var target: String
    public var sha256: String?
    /// nil where the file is too large or could not be read.
    public var content: [UInt8]?

    /// Larger files are no configuration: refused.
    public static let limit = 1024 * 1024

    /// Looks at each file once, however many tasks edit it.
    static func probe(_ all: [String]) -> Script { FollowedPaths.probe(distinct(all), contents: limit) }

    static func read(_ output: [UInt8], of all: [String], deed: String) throws(Failure) -> [EditedFile] {
        var output = ProbeOutput(output, deed: deed)
        let found = try read(&output, of: all)
        try output.end()
        return found
    }

    /// Where more follows in the same answer.
    static func read(_ output: inout ProbeOutput, of all: [String]) throws(Failure) -> [EditedFile] {
        let paths = distinct(all)
        let look = try FollowedPaths(&output, of: paths, contents: limit)
        var found: [String: EditedFile] = [:]
        for (i, path) in paths.enumerated() {
            let place = look[i]
            found[path] = EditedFile(
                entry: place.entry, way: place.way, target: place.target ?? path,
                sha256: place.content.map { Resources.sha256($0) }, content: place.content)
        }
        return all.map { found[$0] ?? EditedFile(entry: nil, target: $0) }
    }

    private static func distinct(_ paths: [String]) -> [String] {
        var seen: Set<String> = []
        return paths.filter { seen.insert($0).inserted }
    }

    func dependsOn(_ path: String) -> [Effect] {
        // A file that is not there yet may come with a package.
        var effects: [Effect] = [.path(path)]
        if target != path { effects.append(.path(target)) }
        if entry == nil { effects.append(.packages) }
        return effects
    }
}

/// What a task asks of a file that it edits, beside the edit itself.
struct FileEditing: Sendable, Hashable {
    var path: String
    var creates: Bool
    /// Whether the edit is to be there; where it is to be gone, a missing file will do.
    var isPresent: Bool
    var isSensitive: Bool
    var permissions = Permissions()
    var validate: String?
    /// What a plan says where nothing differs.
    var settled: String

    /// - Parameters:
    ///   - kind: its name, for messages.
    ///   - edit: the content as it should be; the same bytes where it is so already.
    func difference(
        from found: EditedFile, kind: String, edit: ([UInt8]) throws(InputError) -> [UInt8]
    ) -> Difference {
        found.way.failure ?? found.way.noting(differenceThere(from: found, kind: kind, edit: edit))
    }

    private func differenceThere(
        from found: EditedFile, kind: String, edit: ([UInt8]) throws(InputError) -> [UInt8]
    ) -> Difference {
        let old: [UInt8]
        if let entry = found.entry {
            guard entry.kind == .file else { return .fails(cause: "\(path) is not a file", hint: nil) }
            if entry.size > EditedFile.limit {
                return .fails(
                    cause: "\(path) has \(entry.size) bytes; \(kind) edits files of at most \(EditedFile.limit)",
                    hint: "put the setting into a file of its own")
            }
            guard let content = found.content else {
                return .fails(cause: "\(path) could not be read, or changed while it was", hint: nil)
            }
            old = content
        } else {
            if !isPresent { return .none("\(path) does not exist") }
            if !creates { return .fails(cause: "\(path) does not exist", hint: "create: true makes it") }
            old = []
        }
        let new: [UInt8]
        do throws(InputError) { new = try edit(old) } catch {
            return .fails(cause: error.message, hint: error.hint)
        }
        return difference(from: old, to: new, found)
    }

    private func difference(from old: [UInt8], to new: [UInt8], _ found: EditedFile) -> Difference {
        let attributes = found.entry.map { permissions.details(from: $0) } ?? permissions.details(from: nil)
        if new == old, found.entry != nil {
            if attributes.isEmpty { return .none(settled) }
            return .change(
                Change(
                    .update, details: attributes,
                    steps: [.run(permissions.script(for: found.target), deadline: .seconds(30))]))
        }
        var kept = found.entry.map { permissions.keeping($0) } ?? permissions
        if found.entry == nil, isSensitive { kept.mode = kept.mode ?? 0o600 }
        func shown(_ bytes: [UInt8]) -> Shown { found.shown(bytes, isSensitive: isSensitive, mode: kept.mode) }
        return .change(
            Change(
                found.entry == nil ? .create : .update,
                details: [.text("content", from: found.entry.map { _ in shown(old) }, to: shown(new))] + attributes,
                steps: WholeFile(
                    path: found.target, content: .bytes(new), permissions: kept, makesFolder: found.entry == nil,
                    replaces: found.sha256.map { .file(sha256: $0) } ?? .nothing, validate: validate
                ).steps))
    }
}
