import Model

/// Puts requests into the driver's form. A value without I/O.
struct FrameWriter: Sendable {
    let marker: Marker
    private var lastID = 0
    private var lastChain = 0

    init(marker: Marker) { self.marker = marker }

    /// What goes first on standard input: the driver's own text, then the random words.
    func opening() -> [UInt8] {
        let text = Array(Driver.text.utf8)
        return Array("\(Driver.magic) \(text.count)\n".utf8) + text + marker.line + [0x20] + marker.beat + [0x0A]
    }

    /// Steps of one chain: after the first that fails the rest are not run.
    mutating func chain() -> Int {
        lastChain += 1
        return lastChain
    }

    mutating func run(_ script: Script, deadline: Duration, chain: Int) -> (id: Int, bytes: [UInt8]) {
        // The script's own descriptor is not left open for its commands.
        let text = Array("exec 3<&-;\(script.text)\n".utf8)
        let id = next()
        let seconds = max(1, deadline.components.seconds + (deadline.components.attoseconds > 0 ? 1 : 0))
        return (id, Array("run \(id) \(chain) \(seconds) \(text.count)\n".utf8) + text)
    }

    /// All but the content, which follows. The path holds no newline (`check`).
    mutating func write(_ file: FileWrite, length: Int, sha256: String?, chain: Int) -> (id: Int, bytes: [UInt8]) {
        let id = next()
        let mode = file.mode.map { String($0, radix: 8) } ?? "-"
        let folder = file.makesFolder ? "make" : "-"
        let replaced =
            switch file.replaces {
            case nil: "-"
            case .nothing: "nothing"
            case .file(let sha256): sha256.lowercased()
            }
        let words = [
            "write", "\(id)", "\(chain)", "\(length)", sha256 ?? "-", mode, file.owner ?? "-",
            file.group ?? "-", folder, replaced,
        ]
        return (id, Array((words.joined(separator: " ") + "\n\(file.path)\n").utf8))
    }

    /// That somebody is there; no request, and not answered.
    static let beat = Array("beat\n".utf8)

    /// - Parameter silence: how long the lock is held for somebody who is not heard of.
    mutating func lock(
        folder: String, holder: String, silence: Duration, chain: Int
    ) -> (id: Int, bytes: [UInt8]) {
        about("lock", folder, holder, chain, " \(max(1, silence.components.seconds))")
    }

    mutating func breakLock(folder: String, holder: String, chain: Int) -> (id: Int, bytes: [UInt8]) {
        about("break", folder, holder, chain)
    }

    private mutating func about(
        _ verb: String, _ folder: String, _ holder: String, _ chain: Int, _ more: String = ""
    ) -> (id: Int, bytes: [UInt8]) {
        let id = next()
        let line = holder.split(whereSeparator: \.isNewline).joined(separator: " ")
        return (id, Array("\(verb) \(id) \(chain)\(more)\n\(folder)\n\(line)\n".utf8))
    }

    /// Why a file cannot be written; nil where it can.
    static func objection(to file: FileWrite) -> String? {
        if !file.path.hasPrefix("/") { return "the path is not absolute" }
        if file.path.utf8.contains(where: { $0 == 0x0A || $0 == 0 }) { return "the path holds a newline or NUL" }
        if case .fetched(let url, _) = file.content { return "\(url) has not been fetched" }
        for name in [file.owner, file.group].compactMap(\.self) {
            let isPlain = name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x3A && $0 != 0x7F } && !name.isEmpty
            if !isPlain || name.hasPrefix("-") { return "\"\(name)\" is no user's or group's name" }
        }
        return nil
    }

    private mutating func next() -> Int {
        lastID += 1
        return lastID
    }
}
