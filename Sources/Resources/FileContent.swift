import Model
import YAML

/// The content that a `file` task asks for.
struct FileContent: Sendable, Hashable {
    /// Larger texts are not shown as a diff, and so not fetched.
    static let diffLimit = 256 * 1024

    let write: FileWrite.Content
    let length: Int
    let sha256: String
    /// The content as text, where it can be shown as a diff.
    let text: String?
    let isSensitive: Bool

    /// The fields that give it, of which a task has one.
    static let fields = [
        Field("content", .string, "The whole content, as text."),
        Field("source", .sourceFile, "A file of the role's `files/`, sent byte by byte."),
        Field("template", .templateFile, "A template of the role's `templates/`, rendered."),
        Field("yaml", .any, "A value that is written as YAML."),
        Field("json", .any, "A value that is written as JSON."),
        Field(
            "ini", .map(.any),
            "Sections, each a map of keys, written as INI; a plain value at the top comes before the first section, "
                + "a list repeats its key, null is a key alone."),
    ]

    init(bytes: [UInt8], isSensitive: Bool = false) {
        write = .bytes(bytes)
        length = bytes.count
        sha256 = Resources.sha256(bytes)
        text = bytes.count <= Self.diffLimit ? NodeContent.text(bytes) : nil
        self.isSensitive = isSensitive
    }

    /// - Parameter source: what Roles makes of a `source`: `path` on the laptop, `length`, `sha256` and, for a small
    ///   text, `text`.
    init?(source: Value, isSensitive: Bool) {
        guard let path = source["path"]?.string, let length = source["length"]?.int,
            let sha256 = source["sha256"]?.string
        else { return nil }
        write = .local(path: path, length: length, sha256: sha256)
        self.length = length
        self.sha256 = sha256
        self.isSensitive = isSensitive
        text = length > Self.diffLimit ? nil : source["text"]?.string.flatMap { NodeContent.isPlain($0) ? $0 : nil }
    }

    /// The content that the task's fields give; nil where they give none.
    static func read(_ arguments: Arguments, into errors: inout [InputError]) -> FileContent? {
        let given = fields.map(\.name).filter { arguments.has($0) }
        if given.count > 1 {
            errors.append(
                arguments.error("file: only one of \(given.joined(separator: ", ")) can be its content", at: given[1]))
        }
        guard let name = given.first, let value = arguments.value(name) else { return nil }
        let isSensitive = arguments.isSensitive(name)
        do throws(InputError) {
            if let unknown = value.unknowns.first {
                throw arguments.error("file.\(name): not known before \(unknown.because)", at: name)
            }
            let text: String
            switch name {
            case "source":
                guard let content = FileContent(source: value, isSensitive: isSensitive) else {
                    throw arguments.error("file.source: the name of a file in the role's files/ is needed", at: name)
                }
                return content
            case "yaml": text = yamlText(value)
            case "json": text = try JSONText.pretty(value)
            case "ini": text = try INIText.text(value)
            default: text = value.string ?? ""
            }
            return FileContent(bytes: Array(text.utf8), isSensitive: isSensitive)
        } catch {
            var error = error
            error.origin = error.origin ?? arguments.error("", at: name).origin
            errors.append(error)
            return nil
        }
    }

    /// How it differs from the file there: a diff where both are texts, sizes and hashes otherwise.
    ///
    /// - Parameters:
    ///   - old: the content there, where the look brought it; nil for a new file.
    ///   - size: of the file there, in bytes; nil for a new file.
    ///   - isPrivate: whether not everybody on the node may read the file, as it is or as it will be.
    func detail(from old: [UInt8]?, size: Int?, sha256 oldHash: String?, isPrivate: Bool) -> Detail {
        if isSensitive {
            return .text(
                "content", from: size.map { _ in Shown("", isSensitive: true) },
                to: Shown(text ?? "", isSensitive: true))
        }
        if let text {
            let new = Shown(text, isSensitive: isPrivate)
            if size == nil { return .text("content", from: nil, to: new) }
            if let old = old.flatMap(NodeContent.text) {
                return .text("content", from: Shown(old, isSensitive: isPrivate), to: new)
            }
        }
        let new = "\(length) bytes, sha256 \(sha256.prefix(12))"
        return .attribute(
            "content", from: size.map { Shown("\($0) bytes, sha256 \((oldHash ?? "?").prefix(12))") }, to: Shown(new))
    }
}
