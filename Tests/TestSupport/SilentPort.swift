import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A port of loopback that takes connections and never says anything, as a server that hangs.
public final class SilentPort: Sendable {
    public let number: Int
    private let descriptor: Int32

    public init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        number = try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                guard bind(descriptor, pointer, size) == 0, listen(descriptor, 8) == 0,
                    getsockname(descriptor, pointer, &size) == 0
                else {
                    close(descriptor)
                    throw POSIXError(.EADDRNOTAVAIL)
                }
                return Int(UInt16(bigEndian: UnsafeRawPointer(pointer).load(as: sockaddr_in.self).sin_port))
            }
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
