import Model

extension Arguments {
    /// An absolute path in one form, so that tasks on the same file are seen to be so: no doubled slashes, no `.`.
    /// A `..` is refused, for what it means depends on the node's links.
    func nodePath(_ name: String, into errors: inout [InputError]) -> String {
        let parts = (string(name) ?? "/").utf8.split(separator: UInt8(ascii: "/"))
            .map { String(decoding: Array($0), as: UTF8.self) }
        if (string(name)?.utf8.count ?? 0) > 4095 || parts.contains(where: { $0.utf8.count > 255 }) {
            errors.append(
                error("'\(name)' is longer than a path can be: 4095 bytes, and 255 each of its parts", at: name))
            return "/too-long"
        }
        if parts.contains("..") { errors.append(error("'\(name)' holds '..'; write the path out", at: name)) }
        return "/" + parts.filter { $0 != "." }.joined(separator: "/")
    }

    /// The path of a file that is written, whose name is a line on the way to the node.
    func writtenPath(_ name: String, into errors: inout [InputError]) -> String {
        let path = nodePath(name, into: &errors)
        if path.utf8.contains(0x0A) { errors.append(error("'\(name)' holds a newline", at: name)) }
        return path
    }
}

/// The directory that holds a path.
func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.utf8.startIndex else { return "/" }
    return String(path[..<slash])
}
