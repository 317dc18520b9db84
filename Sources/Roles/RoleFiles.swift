import Crypto
import Model
import OrderedCollections
import Synchronization
import SystemPackage
import Template

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The templates and files of roles, each read once a run.
enum RoleFiles {
    /// What was read, by path.
    private static let templates = Mutex<[String: Template]>([:])
    private static let sources = Mutex<[String: Value]>([:])
    /// Longer texts are not shown as a diff.
    private static let longestText = 256 * 1024

    static func template(_ name: String, of role: Role, at origin: Origin?) throws(InputErrors) -> Template {
        let path = try path(name, in: "templates", of: role, at: origin)
        if let known = templates.withLock({ $0[path] }) { return known }
        guard let text = String(validating: try bytes(path, at: origin), as: UTF8.self) else {
            throw InputErrors(InputError("\(path) is not UTF-8 text", at: origin))
        }
        let template = try Template(parsing: text, at: Origin(file: path, line: 1, column: 1), options: .ansible)
        templates.withLock { $0[path] = template }
        return template
    }

    static func source(_ name: String, of role: Role, at origin: Origin?) throws(InputErrors) -> Value {
        let path = try path(name, in: "files", of: role, at: origin)
        if let known = sources.withLock({ $0[path] }) { return known.at(origin) }
        let (length, sha256, beginning) = try measure(path, at: origin)
        var value: Value = [
            "path": .string(path), "length": .int(length), "sha256": .string(sha256),
        ]
        if length <= longestText, let text = String(validating: beginning, as: UTF8.self),
            case .map(var entries) = value.content
        {
            entries["text"] = .string(text)
            value = .map(entries)
        }
        let read = value
        sources.withLock { $0[path] = read }
        return read.at(origin)
    }

    /// Piece by piece, for it may be larger than memory: its length, its hash, and as much as can be a text.
    private static func measure(
        _ path: String, at origin: Origin?
    ) throws(InputErrors) -> (length: Int, sha256: String, beginning: [UInt8]) {
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            defer { try? file.close() }
            var hash = SHA256()
            var length = 0
            var beginning: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 1 << 18)
            while case let count = try piece.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 {
                piece.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                if length < longestText { beginning += piece[..<count] }
                length += count
            }
            return (length, hash.finalize().hexadecimal, beginning)
        } catch {
            throw InputErrors(InputError("\(path) cannot be read", at: origin))
        }
    }

    private static func path(
        _ name: String, in folder: String, of role: Role, at origin: Origin?
    ) throws(InputErrors) -> String {
        if name.hasPrefix("/") { return name }
        if name.split(separator: "/").contains("..") {
            throw InputErrors(InputError("'\(name)' leads out of the role's \(folder)/", at: origin))
        }
        // ROLE:NAME is a file of the role beside this one.
        if let colon = name.firstIndex(of: ":") {
            let (other, file) = (name[..<colon], name[name.index(after: colon)...])
            return "\(role.folder)/../\(other)/\(folder)/\(file)"
        }
        return "\(role.folder)/\(folder)/\(name)"
    }

    private static func bytes(_ path: String, at origin: Origin?) throws(InputErrors) -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe))
        } catch {
            throw InputErrors(InputError("\(path) cannot be read", at: origin))
        }
    }
}
