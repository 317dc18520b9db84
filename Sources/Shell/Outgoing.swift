import Model
import SystemPackage

/// What goes to the driver for one step: a few bytes, or a file of the laptop that is read while it is sent.
enum Outgoing: Sendable {
    case bytes([UInt8])
    case file(path: String, length: Int)

    static let pieceLength = 1 << 18

    /// Sends itself. A file that has become shorter is filled up with zeros, so that the next request begins where it
    /// should; the driver then refuses it for its checksum.
    func send(to channel: any ByteChannel, host: String) async throws(Failure) {
        switch self {
        case .bytes(let bytes):
            try await channel.write(bytes)
        case .file(let path, let length):
            var left = length
            var file = try? FileDescriptor.open(FilePath(path), .readOnly)
            while left > 0 {
                let wanted = min(left, Self.pieceLength)
                var piece = [UInt8](repeating: 0, count: wanted)
                let got = piece.withUnsafeMutableBytes { buffer in (try? file?.read(into: buffer)) ?? 0 }
                if got == 0 {
                    try? file?.close()
                    file = nil
                } else if got < wanted {
                    piece.removeSubrange(got...)
                }
                left -= piece.count
                do { try await channel.write(piece) } catch {
                    try? file?.close()
                    throw error
                }
            }
            try? file?.close()
        }
    }
}

extension FileWrite.Content {
    /// Length in bytes, and SHA-256 in lower-case hexadecimal of what may have become something else by now: a file of
    /// the laptop's.
    var measure: (length: Int, sha256: String?) {
        switch self {
        case .bytes(let bytes):
            return (bytes.count, nil)
        case .local(_, let length, let sha256):
            return (length, sha256.lowercased())
        case .fetched(_, let sha256):
            return (0, sha256.lowercased())
        }
    }

    var outgoing: Outgoing {
        switch self {
        case .bytes(let bytes): .bytes(bytes)
        case .local(let path, let length, _): .file(path: path, length: length)
        case .fetched: .bytes([])
        }
    }
}
