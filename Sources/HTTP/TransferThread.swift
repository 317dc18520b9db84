import CLibCurl
import Model

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What the client's thread does: hears words, lets libcurl work, sees to deadlines, sleeps until there is more.
final class TransferThread {
    private let inbox: TransferLoop.Inbox
    private let multi: MultiHandle
    private var transfers: [UInt64: Transfer] = [:]
    private var isStopped = false

    init(inbox: TransferLoop.Inbox, multi: MultiHandle) {
        self.inbox = inbox
        self.multi = multi
    }

    func run() {
        ignoreBrokenPipes()
        while true {
            for word in inbox.take() { hear(word) }
            if isStopped { break }
            multi.perform()
            while let (handle, code) = multi.nextEnd() {
                guard let transfer = transfers.values.first(where: { $0.easy.pointer == handle }) else { continue }
                end(transfer, transfer.result(code))
            }
            let now = ContinuousClock.now
            for transfer in transfers.values where transfer.expiry <= now { end(transfer, transfer.expired()) }
            multi.poll(until: transfers.values.lazy.map(\.expiry).min() ?? now + .seconds(3600))
        }
        for transfer in transfers.values { end(transfer, .failure(transfer.cancelled)) }
    }

    private func hear(_ word: TransferLoop.Word) {
        switch word {
        case .stop: isStopped = true
        case .begin(let order):
            do throws(Failure) {
                let transfer = try Transfer(order)
                try multi.add(transfer.easy, deed: order.request.deedText)
                transfers[order.id] = transfer
            } catch {
                order.sink.end(.failure(error))
            }
        case .cancel(let id): if let transfer = transfers[id] { end(transfer, .failure(transfer.cancelled)) }
        case .resume(let id): transfers[id]?.resume()
        }
    }

    private func end(_ transfer: Transfer, _ result: Result<HTTPHead, Failure>) {
        transfers[transfer.order.id] = nil
        multi.remove(transfer.easy)
        transfer.order.sink.end(result)
    }

    /// OpenSSL writes to sockets without MSG_NOSIGNAL.
    private func ignoreBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
