import Model

/// Whether the bits of a mode leave a file's content to its owner and a group: not everybody on the machine may read it,
/// so a plan shows none of it.
func isPrivate(_ mode: UInt16) -> Bool { mode & 0o004 == 0 }

extension NodeEntry {
    var isPrivate: Bool { kind == .file && Resources.isPrivate(mode) }
}

extension EditedFile {
    /// A content of the file, old or new, for a plan.
    ///
    /// - Parameters:
    ///   - isSensitive: whether it is a secret whatever the file's mode.
    ///   - mode: what the file is to have.
    func shown(_ bytes: [UInt8], isSensitive: Bool = false, mode: UInt16? = nil) -> Shown {
        let isPrivate = entry?.isPrivate == true || mode.map { Resources.isPrivate($0) } == true
        return Shown(String(decoding: bytes, as: UTF8.self), isSensitive: isSensitive || isPrivate)
    }
}
