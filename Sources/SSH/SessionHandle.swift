import CLibSSH2
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A libssh2 session and the socket under it. Only the `Session` actor that owns it lets libssh2 touch it, one call at
/// a time.
struct SessionHandle: ~Copyable {
    let pointer: OpaquePointer
    let socket: Descriptor
    let calls: CallState
    /// Where output lands before it is copied to its reader; used within one call only.
    let scratch: UnsafeMutableRawBufferPointer

    /// nil where memory is short.
    init?(_ socket: consuming Descriptor) {
        Self.library
        let calls = CallState()
        guard let pointer = kubani_ssh2_session(Unmanaged.passUnretained(calls).toOpaque()) else { return nil }
        self.pointer = pointer
        self.socket = socket
        self.calls = calls
        scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 16)
        libssh2_session_set_blocking(pointer, 0)
        kubani_ssh2_on_receive(pointer, receive)
        kubani_ssh2_on_disconnect(pointer, noteDisconnect)
    }

    deinit {
        // Freeing also wants to close what is open, over the network: with the socket shut it finds that it cannot,
        // where it would otherwise ask to be called again.
        shutdown(socket.raw, Int32(SHUT_RDWR))
        for _ in 0..<64 where libssh2_session_free(pointer) != LIBSSH2_ERROR_EAGAIN { break }
        scratch.deallocate()
    }

    /// libssh2's global state, set up once.
    private static let library: Void = { _ = libssh2_init(0) }()

    static let version = String(cString: libssh2_version(0))
    /// Whether libssh2 itself turns `ssh-rsa` into an RSA signature with SHA-2.
    static let upgradesRSA = libssh2_version(0x01_0b_00) != nil
}

/// What libssh2's callbacks see and say; touched only within a libssh2 call, or by the actor between two.
final class CallState {
    /// How many bytes have come from the socket.
    var received: UInt64 = 0
    /// What came first, until the handshake is over: the server's offer is in it.
    var opening: [UInt8]? = []
    /// The socket has ended: 0 at its end, or errno.
    var ended: Int32?
    /// What the server said when it disconnected; nil while it has not.
    var farewell: String?
    /// What libssh2 wants signed, until `signature` answers.
    var toSign: [UInt8]?
    var signature: Signature?
    /// The answers to keyboard-interactive's questions.
    var answer: ((_ prompts: [String]) -> [String])?

    enum Signature {
        case made([UInt8])
        case refused
    }

    static func of(_ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> CallState? {
        guard let opaque = abstract?.pointee else { return nil }
        return Unmanaged<CallState>.fromOpaque(opaque).takeUnretainedValue()
    }
}

/// recv, as libssh2 wants it, that also notes what came: other readers must know that the socket was emptied for them.
private func receive(
    _ socket: Int32, _ buffer: UnsafeMutableRawPointer?, _ length: Int, _ flags: Int32,
    _ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int {
    let count = recv(socket, buffer, length, flags)
    if count < 0 {
        let code = errno
        if code == EAGAIN || code == EINTR { return -Int(EAGAIN) }
        CallState.of(abstract)?.ended = code
        return -Int(code)
    }
    if count == 0 {
        CallState.of(abstract)?.ended = 0
    } else {
        let state = CallState.of(abstract)
        state?.received &+= UInt64(count)
        if let kept = state?.opening?.count, kept < 1 << 17 {
            state?.opening? += UnsafeRawBufferPointer(start: buffer, count: count)
        }
    }
    return count
}

private func noteDisconnect(
    _ session: OpaquePointer?, _ reason: Int32, _ message: UnsafePointer<CChar>?, _ length: Int32,
    _ language: UnsafePointer<CChar>?, _ languageLength: Int32,
    _ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) {
    let bytes = UnsafeRawBufferPointer(start: message, count: message == nil ? 0 : Int(max(0, length)))
    CallState.of(abstract)?.farewell = String(decoding: bytes, as: UTF8.self)
}

/// Hands libssh2 a signature, or asks it to come back when there is one.
func provideSignature(
    _ session: OpaquePointer?, _ signature: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?,
    _ signatureLength: UnsafeMutablePointer<Int>?, _ data: UnsafePointer<UInt8>?, _ length: Int,
    _ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    guard let state = CallState.of(abstract), let data else { return -1 }
    switch state.signature {
    case nil:
        state.toSign = Array(UnsafeBufferPointer(start: data, count: length))
        return LIBSSH2_ERROR_EAGAIN
    case .refused?:
        state.signature = nil
        return -1
    case .made(let bytes)?:
        state.signature = nil
        // libssh2 frees it, with free.
        guard let copy = malloc(max(1, bytes.count)) else { return -1 }
        bytes.withUnsafeBytes {
            copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: bytes.count)
        }
        signature?.pointee = copy.assumingMemoryBound(to: UInt8.self)
        signatureLength?.pointee = bytes.count
        return 0
    }
}

/// Answers the questions of keyboard-interactive.
func provideAnswers(
    _ name: UnsafePointer<CChar>?, _ nameLength: Int32, _ instruction: UnsafePointer<CChar>?,
    _ instructionLength: Int32, _ count: Int32, _ prompts: UnsafePointer<LIBSSH2_USERAUTH_KBDINT_PROMPT>?,
    _ responses: UnsafeMutablePointer<LIBSSH2_USERAUTH_KBDINT_RESPONSE>?,
    _ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) {
    guard count > 0, let prompts, let responses, let state = CallState.of(abstract) else { return }
    let questions = UnsafeBufferPointer(start: prompts, count: Int(count)).map { prompt in
        String(decoding: UnsafeRawBufferPointer(start: prompt.text, count: Int(prompt.length)), as: UTF8.self)
    }
    for (index, answer) in (state.answer?(questions) ?? []).prefix(Int(count)).enumerated() {
        responses[index].text = strdup(answer)
        responses[index].length = UInt32(answer.utf8.count)
    }
}
