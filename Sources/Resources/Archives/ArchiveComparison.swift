import Model

/// How a directory differs from what an archive would make of it, member by member.
struct ArchiveComparison: Sendable, Hashable {
    var count = 0
    var missing: [String] = []
    /// With what differs: "bin/k3s (size)".
    var differing: [String] = []
    /// Files that run with the rights of their owner or group.
    var setIDs: [String] = []
    /// Why the two cannot be compared.
    var obstacle: String?

    var isSame: Bool { missing.isEmpty && differing.isEmpty && obstacle == nil }

    /// What a look brings of an archive and of its directory.
    struct Look: Sendable {
        var listing: [UInt8]
        /// What is in the directory, by its path below it.
        var entries: [String: NodeEntry]
        /// What its links lead to, in the order of the archive's links.
        var targets: [String]
        /// The SHA-256 of all files' contents one after the other, in the archive and in the directory; nil where
        /// not all are there.
        var contents: (String, String)?
    }

    init(_ look: Look, of archive: Archive) throws(Failure) {
        var members: [(path: String, member: ArchiveMember, target: String)] = []
        var targets = look.targets[...]
        for line in String(decoding: look.listing, as: UTF8.self).split(separator: "\n") {
            let member = try ArchiveMember(line)
            guard let path = member.path(strippingComponents: archive.stripComponents) else { continue }
            var target = ""
            if case .link = member.kind { target = targets.popFirst() ?? "" }
            members.append((path, member, target))
        }
        setIDs = members.filter { $0.member.kind == .file && $0.member.mode & 0o6000 != 0 }.map(\.path)
        count = members.filter { $0.member.kind != .directory }.count
        obstacle = Self.obstacle(members.map { ($0.path, $0.member) }, archive)
        if obstacle != nil { return }
        for (path, member, target) in members {
            guard let entry = look.entries[path] else {
                missing.append(path)
                continue
            }
            if let why = archive.difference(of: member, target: target, from: entry) {
                differing.append("\(path) (\(why))")
            }
        }
        if missing.isEmpty, differing.isEmpty, let contents = look.contents, contents.0 != contents.1 {
            differing.append("the content of some")
        }
    }

    /// Links that lead members elsewhere are no archive's to make, and of a name that is there twice the first content
    /// is nowhere.
    private static func obstacle(_ members: [(path: String, member: ArchiveMember)], _ archive: Archive) -> String? {
        var links: Set<String> = []
        var seen: Set<String> = []
        for (path, member) in members {
            if case .link = member.kind {
                if archive.format == .zip {
                    return "\(path) is a symbolic link, which zip archives are not compared by"
                }
                links.insert(path)
            }
            if member.kind != .directory, !seen.insert(path).inserted { return "\(path) is in it twice" }
        }
        for (path, _) in members {
            var above = parent(of: path)
            while above != "/", above != path {
                if links.contains(above) { return "\(path) goes through the symbolic link \(above)" }
                if !above.utf8.contains(UInt8(ascii: "/")) { break }
                above = parent(of: above)
            }
        }
        return nil
    }

    /// Up to three by name.
    static func some(_ names: [String]) -> String {
        names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
    }
}

extension Archive {
    /// What of a member differs from what is there; nil where nothing does.
    fileprivate func difference(of member: ArchiveMember, target: String, from entry: NodeEntry) -> String? {
        let kind: NodeEntry.Kind
        switch member.kind {
        case .file, .hardLink: kind = .file
        case .directory: kind = .directory
        case .link: kind = .link
        }
        // A link to a directory is as good as one, as tar sees it.
        if member.kind == .directory, entry.kind == .link { return nil }
        guard entry.kind == kind else { return "kind" }
        switch member.kind {
        case .link(let wanted): if !wanted.utf8.elementsEqual(target.utf8) { return "leads to \(target)" }
        case .file: if member.size != entry.size { return "size" }
        case .hardLink, .directory: break
        }
        if permissions.account != nil || member.kind != .directory {
            if !owner.details(from: entry).isEmpty { return "owner" }
        }
        guard let mode = mode(of: member) else { return nil }
        return mode == entry.mode ? nil : "mode"
    }

    /// Those of root, unless somebody else is named: whoever packed the archive is nobody here.
    var owner: Permissions { Permissions(owner: permissions.owner ?? "0", group: permissions.group ?? "0") }

    /// nil where it is nothing to compare.
    private func mode(of member: ArchiveMember) -> UInt16? {
        switch member.kind {
        case .link: nil
        case .directory: directoryMode
        case .file, .hardLink: permissions.mode ?? (format == .zip ? nil : member.mode)
        }
    }

    /// Whoever may read a file may enter a directory.
    var directoryMode: UInt16? { permissions.mode.map { $0 | ($0 & 0o444) >> 2 } }
}
