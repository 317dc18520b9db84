import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A TCP server of the test's own: each connection is handed to a thread.
final class Listener: @unchecked Sendable {
    // `descriptor` and `port` never change; `stop` is called once.
    private let descriptor: Int32
    let port: Int

    init(_ serve: @escaping @Sendable (Int32) -> Void) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let descriptor = self.descriptor
        port = try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                var size = socklen_t(MemoryLayout<sockaddr_in>.size)
                guard bind(descriptor, pointer, size) == 0, listen(descriptor, 64) == 0,
                    getsockname(descriptor, pointer, &size) == 0
                else { throw POSIXError(.EADDRNOTAVAIL) }
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
        Thread.detachNewThread {
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                Thread.detachNewThread { serve(client) }
            }
        }
    }

    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    /// Forwards to another port of loopback, and cuts both ways after so many bytes from the server.
    static func cutting(after limit: Int, to port: Int) throws -> Listener {
        try Listener { client in
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let isConnected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            var left = limit
            var buffer = [UInt8](repeating: 0, count: 65536)
            while isConnected, left > 0 {
                var polled = [
                    pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: server, events: Int16(POLLIN), revents: 0),
                ]
                poll(&polled, 2, -1)
                if polled[0].revents != 0 {
                    let count = recv(client, &buffer, buffer.count, 0)
                    if count <= 0 { break }
                    _ = send(server, &buffer, count, Int32(MSG_NOSIGNAL))
                }
                if polled[1].revents != 0 {
                    let count = recv(server, &buffer, min(left, buffer.count), 0)
                    if count <= 0 { break }
                    _ = send(client, &buffer, count, Int32(MSG_NOSIGNAL))
                    left -= count
                }
            }
            shutdown(client, Int32(SHUT_RDWR))
            close(client)
            close(server)
        }
    }
}
