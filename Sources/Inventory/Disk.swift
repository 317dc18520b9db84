import Model

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The few questions that reading an inventory asks of the file system.
enum Disk {
    enum Entry { case file, folder, absent }

    /// - Throws: where nobody can tell, or a link leads to nothing: variables that are meant must not be missing.
    static func entry(_ path: String) throws(InputErrors) -> Entry {
        var info = stat()
        if stat(path, &info) == 0 { return info.st_mode & S_IFMT == S_IFDIR ? .folder : .file }
        guard [ENOENT, ENOTDIR, ENAMETOOLONG].contains(errno) else { throw unreadable(path) }
        if lstat(path, &info) == 0 {
            throw InputErrors(InputError("\(path) cannot be read: it is a link to what is not there"))
        }
        return .absent
    }

    /// The names in a folder, sorted as Python sorts them (by code point).
    static func names(in folder: String) throws(InputErrors) -> [String] {
        guard let handle = opendir(folder) else { throw unreadable(folder) }
        defer { closedir(handle) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(handle) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        if errno != 0 { throw unreadable(folder) }
        return names.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }

    /// What a file holds, or what is to be taken for that.
    static func bytes(of path: String, or replacing: [String: [UInt8]]) throws(InputErrors) -> [UInt8] {
        if let bytes = replacing[path] { return bytes }
        return try bytes(of: path)
    }

    static func bytes(of path: String) throws(InputErrors) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path) }
            if count == 0 { return all }
            all.append(contentsOf: buffer[..<count])
        }
    }

    /// The folder that a file is in: "." for a bare name.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func joined(_ folder: String, _ name: String) -> String {
        folder == "." ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// What follows the last point of a file's name, with it: ".yml". Empty for `name` and `.name`.
    static func suffix(of name: String) -> String {
        let bare = name.split(separator: "/").last ?? ""
        guard let point = bare.lastIndex(of: "."), bare[..<point].contains(where: { $0 != "." }) else { return "" }
        return String(bare[point...])
    }

    private static func unreadable(_ path: String) -> InputErrors {
        let why = String(cString: strerror(errno))
        return InputErrors(InputError("\(path) cannot be read: \(why.prefix(1).lowercased() + why.dropFirst())"))
    }
}
