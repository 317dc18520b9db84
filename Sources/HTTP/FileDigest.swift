import Crypto
import Model
import SystemPackage

/// How long a file is, and its SHA-256 so far.
struct FileDigest: Sendable {
    private(set) var length = 0
    private var hash = SHA256()

    init() {}

    /// Reads the whole file.
    init(of file: FileDescriptor, deed: String) throws(Failure) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count: Int
            do { count = try file.read(fromAbsoluteOffset: Int64(length), into: buffer) } catch {
                throw Failure(deed: deed, cause: "its file cannot be read: \(error)")
            }
            if count == 0 { return }
            add(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        hash.update(bufferPointer: bytes)
        length += bytes.count
    }

    /// In lower-case hexadecimal.
    var sha256: String { hash.finalize().hexadecimal }
}
