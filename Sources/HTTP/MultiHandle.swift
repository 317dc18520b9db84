import CLibCurl
import Model

/// libcurl's multi handle: many transfers at once, their connections kept.
///
/// `@unchecked`: libcurl lets any thread call `curl_multi_wakeup`; all else is called on the client's thread.
final class MultiHandle: @unchecked Sendable {
    private let pointer: UnsafeMutableRawPointer?

    /// More to one host wait for a connection; a watch holds one as long as it lasts.
    private static let mostConnectionsToAHost = 32
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init() {
        pointer = Self.isReady ? curl_multi_init() : nil
        guard let pointer else { return }
        _ = kubani_curl_multi_set_long(pointer, CURLMOPT_MAX_HOST_CONNECTIONS, Self.mostConnectionsToAHost)
    }

    deinit { if let pointer { curl_multi_cleanup(pointer) } }

    func wake() { if let pointer { curl_multi_wakeup(pointer) } }

    func add(_ easy: borrowing EasyHandle, deed: String) throws(Failure) {
        guard let pointer else { throw Failure(deed: deed, cause: "libcurl cannot be started") }
        let code = curl_multi_add_handle(pointer, easy.pointer)
        if code != CURLM_OK { throw Failure(deed: deed, cause: String(cString: curl_multi_strerror(code))) }
    }

    func remove(_ easy: borrowing EasyHandle) { if let pointer { curl_multi_remove_handle(pointer, easy.pointer) } }

    func perform() {
        var running: Int32 = 0
        if let pointer { curl_multi_perform(pointer, &running) }
    }

    /// A transfer that has come to its end since, and how.
    func nextEnd() -> (UnsafeMutableRawPointer, CURLcode)? {
        var left: Int32 = 0
        guard let pointer else { return nil }
        while let message = curl_multi_info_read(pointer, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            return (handle, kubani_curl_message_result(message))
        }
        return nil
    }

    /// Sleeps until there is something to do, somebody wakes it, or the moment has come.
    func poll(until moment: ContinuousClock.Instant) {
        let left = ContinuousClock.now.duration(to: moment)
        let milliseconds = Int32(clamping: max(0, left.milliseconds))
        if let pointer { curl_multi_poll(pointer, nil, 0, milliseconds, nil) }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    /// "30 s", "1.5 s".
    var shown: String {
        let tenths = (milliseconds + 50) / 100
        return tenths.isMultiple(of: 10) ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }
}
