import Model

/// /etc/hosts as it is to be for a machine's own name (hosts(5)).
enum HostsFile {
    /// The text with the name in it: unchanged where some line has it, otherwise in the line of 127.0.1.1, as Debian has
    /// it, in the old name's place. All other lines keep every byte.
    static func naming(_ name: String, insteadOf old: String, in text: String) -> String {
        let names = [name] + (name.contains(".") ? [String(name.prefix { $0 != "." })] : [])
        var lines = TextLine.split(Array(text.utf8))
        func words(_ line: TextLine) -> [String] {
            String(decoding: line.body.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
                .split { $0 == " " || $0 == "\t" }.map(String.init)
        }
        if lines.contains(where: { words($0).dropFirst().contains(name) }) { return text }
        if let index = lines.firstIndex(where: { words($0).first == "127.0.1.1" }) {
            let olds = Set([old, String(old.prefix { $0 != "." })])
            let kept = words(lines[index]).dropFirst().filter { !olds.contains($0) && !names.contains($0) }
            let comment = lines[index].body.drop { $0 != UInt8(ascii: "#") }
            let line = "127.0.1.1\t" + (names + kept).joined(separator: " ") + (comment.isEmpty ? "" : " ")
            lines[index].body = Array(line.utf8) + comment
        } else {
            let after = lines.lastIndex { words($0).first == "127.0.0.1" }
            TextLine.insert(
                [Array("127.0.1.1\t\(names.joined(separator: " "))".utf8)], at: after.map { $0 + 1 } ?? lines.count,
                of: &lines)
        }
        return String(decoding: lines.flatMap { $0.body + $0.end }, as: UTF8.self)
    }
}
