import Model

/// A line of /etc/fstab that mounts something (fstab(5)).
struct FstabEntry: Sendable, Hashable {
    var source: String
    var path: String
    var type: String
    var options: String
    var dump = 0
    var pass = 0

    /// nil for an empty line, a comment, and what is no entry.
    init?(_ body: [UInt8]) {
        let words = String(decoding: body, as: UTF8.self).split { $0 == " " || $0 == "\t" }.map(String.init)
        guard words.count >= 3, !words[0].hasPrefix("#") else { return nil }
        func number(_ index: Int) -> Int { words.count > index ? Int(words[index]) ?? 0 : 0 }
        self.init(
            source: Self.unescaped(words[0]), path: Self.unescaped(words[1]), type: words[2],
            options: words.count > 3 ? words[3] : "defaults", dump: number(4), pass: number(5))
    }

    init(source: String, path: String, type: String, options: String, dump: Int = 0, pass: Int = 0) {
        self.source = source
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.type = type
        self.options = options
        self.dump = dump
        self.pass = pass
    }

    var line: String {
        "\(Self.escaped(source)) \(Self.escaped(path)) \(type) \(options) \(dump) \(pass)"
    }

    /// Blanks are three octal digits in fstab, and in /proc/self/mountinfo.
    static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\134").replacing(" ", with: "\\040").replacing("\t", with: "\\011")
    }

    static func unescaped(_ text: String) -> String {
        var out: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.first {
            if byte == UInt8(ascii: "\\"), rest.count >= 4,
                let code = UInt8(String(decoding: rest.dropFirst().prefix(3), as: UTF8.self), radix: 8)
            {
                out.append(code)
                rest = rest.dropFirst(4)
            } else {
                out.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The text with this entry for its path in place of another; a new one goes to the end. All other lines keep every
    /// byte, and so does an entry that says the same.
    func put(into text: String) -> String {
        var lines = TextLine.split(Array(text.utf8))
        let places = lines.indices.filter { FstabEntry(lines[$0].body)?.path == path }
        if let first = places.first {
            if FstabEntry(lines[first].body) != self { lines[first].body = Array(line.utf8) }
            for index in places.dropFirst().reversed() { lines.remove(at: index) }
        } else {
            TextLine.insert([Array(line.utf8)], at: lines.count, of: &lines)
        }
        return String(decoding: lines.flatMap { $0.body + $0.end }, as: UTF8.self)
    }

    static func removing(_ path: String, from text: String) -> String {
        var lines = TextLine.split(Array(text.utf8))
        lines.removeAll { FstabEntry($0.body)?.path == path }
        return String(decoding: lines.flatMap { $0.body + $0.end }, as: UTF8.self)
    }

    static func at(_ path: String, in text: String) -> FstabEntry? {
        TextLine.split(Array(text.utf8)).lazy.compactMap { FstabEntry($0.body) }.first { $0.path == path }
    }
}

/// What is mounted at a path, as /proc/self/mountinfo tells it (proc(5)).
struct MountedNow: Sendable, Hashable {
    var type: String
    var source: String
    /// Of this mount and of its file system.
    var options: Set<String>
    /// `major:minor`.
    var device = ""

    /// As `stat` prints a device's numbers, in hexadecimal digits; nil for nothing.
    static func device(_ hexadecimal: String) -> String? {
        let parts = hexadecimal.split { $0 == ":" || $0 == "\n" }.map { Int($0, radix: 16) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
        return "\(major):\(minor)"
    }

    /// The uppermost at the path; nil where nothing is mounted there.
    static func at(_ path: String, in mountinfo: String) -> MountedNow? {
        for line in mountinfo.split(separator: "\n").reversed() {
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 9, FstabEntry.unescaped(words[4]) == path, let dash = words.firstIndex(of: "-"),
                words.count > dash + 3
            else { continue }
            // A file system that is mounted for reading alone says so of itself, not of each of its mounts.
            let own = words[5].split(separator: ",").map(String.init)
            let all = Set(own + words[dash + 3].split(separator: ",").map(String.init))
            return MountedNow(
                type: words[dash + 1], source: FstabEntry.unescaped(words[dash + 2]),
                options: all.contains("ro") ? all.subtracting(["rw"]) : all, device: words[2])
        }
        return nil
    }

    /// Whether something else is mounted than what an entry says. Told only where that is certain.
    func isOther(than entry: FstabEntry, device wanted: String?, isSame: Bool) -> Bool {
        if type == "autofs" { return false }
        let options = entry.options.split(separator: ",")
        if options.contains("bind") || options.contains("rbind") { return entry.source.hasPrefix("/") && !isSame }
        if let kind = Self.kinds[entry.type], let now = Self.kinds[type], kind != now { return true }
        if Self.kinds[entry.type] == "nfs" || Self.kinds[entry.type] == "cifs" {
            func plain(_ text: String) -> String { text.hasSuffix("/") ? String(text.dropLast()) : text }
            return plain(entry.source) != plain(source)
        }
        // Some file systems show a number of their own instead of their device's.
        guard let wanted, !device.hasPrefix("0:"), !options.contains("loop") else { return false }
        return wanted != device
    }

    /// The names of one kind of file system.
    private static let kinds = [
        "ext2": "ext", "ext3": "ext", "ext4": "ext", "xfs": "xfs", "btrfs": "btrfs", "f2fs": "f2fs", "vfat": "vfat",
        "exfat": "exfat", "tmpfs": "tmpfs", "iso9660": "iso9660", "squashfs": "squashfs", "overlay": "overlay",
        "nfs": "nfs", "nfs4": "nfs", "cifs": "cifs", "smb3": "cifs", "proc": "proc", "sysfs": "sysfs",
    ]

    /// The options that these ask for and that the kernel shows to be otherwise: only those that it shows as they are
    /// written.
    func missing(of wanted: String) -> [String] {
        let wanted = wanted.split(separator: ",").map(String.init)
        var missing = wanted.filter { Self.shown.contains($0) && !options.contains($0) }
        for (option, opposite) in [("rw", "ro"), ("suid", "nosuid"), ("dev", "nodev"), ("exec", "noexec")]
        where options.contains(opposite) && !wanted.contains(opposite) {
            if option == "rw" || wanted.contains(option) { missing.append(option) }
        }
        return missing
    }

    private static let shown: Set<String> = ["ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime"]
}
