#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Where a socket connects to: IPv4, IPv6 or a unix socket's path.
struct SocketAddress: Sendable, Hashable {
    var family: Int32
    private var bytes: [UInt8]

    /// nil for a path longer than the system has room for.
    init?(unixPath: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(unixPath.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard !path.isEmpty, path.count < room, !path.contains(0) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        family = AF_UNIX
        bytes = withUnsafeBytes(of: &address) { Array($0) }
    }

    fileprivate init(_ info: addrinfo) {
        family = info.ai_family
        bytes = info.ai_addr.map { Array(UnsafeRawBufferPointer(start: $0, count: Int(info.ai_addrlen))) } ?? []
    }

    /// Begins to connect: 0, or -1 with errno.
    func connect(_ descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return -1 }
            let address = start.assumingMemoryBound(to: sockaddr.self)
            #if canImport(Darwin)
                return Darwin.connect(descriptor, address, socklen_t(buffer.count))
            #elseif canImport(Musl)
                return Musl.connect(descriptor, address, socklen_t(buffer.count))
            #else
                return Glibc.connect(descriptor, address, socklen_t(buffer.count))
            #endif
        }
    }

    /// The addresses of a name or a written address; blocks while it asks, unless `isNumeric`.
    static func lookUp(_ host: String, port: Int, isNumeric: Bool) -> Result<[SocketAddress], LookupProblem> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Darwin) || canImport(Musl)
            hints.ai_socktype = Int32(SOCK_STREAM)
        #else
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        hints.ai_flags = AI_NUMERICSERV | (isNumeric ? AI_NUMERICHOST : 0)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { return .failure(LookupProblem(message: String(cString: gai_strerror(code)))) }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let info = next?.pointee {
            let address = SocketAddress(info)
            if !found.contains(address) { found.append(address) }
            next = info.ai_next
        }
        return .success(found)
    }
}

struct LookupProblem: Error, Sendable { var message: String }
