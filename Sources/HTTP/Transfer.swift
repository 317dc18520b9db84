import CLibCurl
import Model

/// A transfer under way. It lives on the client's thread.
final class Transfer {
    let order: TransferOrder
    private(set) var easy: EasyHandle
    private let address: HTTPAddress
    private var head: HeadReader
    private var received = 0
    private var lastHeard = ContinuousClock.now
    private var isPaused = false
    /// What the sink ended the transfer with.
    private var refusal: Failure?

    init(_ order: TransferOrder) throws(Failure) {
        let request = order.request
        address = try HTTPAddress(request.url, deed: request.deedText)
        self.order = order
        head = HeadReader(followsRedirects: request.redirects > 0)
        easy = try EasyHandle(deed: request.deedText)
        try easy.prepare(request, to: address)
        let context = Unmanaged.passUnretained(self).toOpaque()
        try easy.set(CURLOPT_HEADERFUNCTION, takeHeader)
        try easy.set(CURLOPT_HEADERDATA, context)
        try easy.set(CURLOPT_WRITEFUNCTION, takeBody)
        try easy.set(CURLOPT_WRITEDATA, context)
    }

    /// When it has taken too long.
    var expiry: ContinuousClock.Instant {
        let end = order.begun + order.request.timeout
        guard let stall = order.request.stallTimeout, !isPaused else { return end }
        return min(end, lastHeard + stall)
    }

    func resume() {
        isPaused = false
        lastHeard = .now
        easy.resume()
    }

    fileprivate func take(header line: String) -> Bool {
        lastHeard = .now
        guard head.take(line), let head = head.head else { return true }
        do throws(Failure) { try order.sink.begin(head) } catch {
            refusal = error
            return false
        }
        return true
    }

    /// - Returns: how many bytes were taken, or libcurl's word for a pause.
    fileprivate func take(body bytes: UnsafeRawBufferPointer) -> Int {
        lastHeard = .now
        do throws(Failure) {
            guard try order.sink.take(bytes) else {
                isPaused = true
                return Int(CURL_WRITEFUNC_PAUSE)
            }
        } catch {
            refusal = error
            return 0
        }
        received += bytes.count
        return bytes.count
    }

    // MARK: - Ends

    func result(_ code: CURLcode) -> Result<HTTPHead, Failure> {
        if let refusal { return .failure(refusal) }
        guard code == CURLE_OK, let head = head.head else { return .failure(ending(code).failure) }
        return .success(head)
    }

    func expired() -> Result<HTTPHead, Failure> {
        let isStalled = ContinuousClock.now < order.begun + order.request.timeout
        let limit = isStalled ? order.request.stallTimeout ?? order.request.timeout : order.request.timeout
        return .failure(ending(CURLE_OPERATION_TIMEDOUT).expiry(after: limit, isStalled: isStalled))
    }

    var cancelled: Failure { Failure(.cancelled, deed: order.request.deedText, cause: "cancelled") }

    private func ending(_ code: CURLcode) -> TransferEnd {
        TransferEnd(
            code: code, words: easy.words(for: code), request: order.request, endpoint: endpoint,
            systemError: Int32(clamping: easy.number(CURLINFO_OS_ERRNO)),
            isConnected: easy.size(CURLINFO_PRETRANSFER_TIME_T) > 0, hasHead: head.isWhole, received: received,
            expected: easy.size(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T))
    }

    /// Where the last redirect led.
    private var endpoint: HTTPAddress {
        guard easy.number(CURLINFO_REDIRECT_COUNT) > 0, let url = easy.text(CURLINFO_EFFECTIVE_URL) else {
            return address
        }
        return (try? HTTPAddress(url, deed: "")) ?? address
    }
}

private func takeHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.take(header: String(decoding: buffer, as: UTF8.self)) ? buffer.count : 0
}

private func takeBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.take(body: UnsafeRawBufferPointer(start: bytes, count: size * count))
}
