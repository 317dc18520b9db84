import Model
import Shell

/// Takes a node through a reboot: begins it, and connects again and again until another boot answers.
struct NodeReboot: Sendable {
    let host: String
    let timeout: Duration
    let open: @Sendable () async throws(Failure) -> ReconnectingShell.Opened

    /// The node at a new boot, or the answer of a node that would not reboot.
    enum End: Sendable {
        case back(ReconnectingShell.Opened)
        case refused(Outcome)
    }

    /// - Parameters:
    ///   - opened: the node as it runs now; it is closed when the reboot has begun.
    ///   - tell: what somebody who waits may like to read.
    func run(from opened: ReconnectingShell.Opened, _ tell: (String) -> Void) async throws(Failure) -> End {
        let began = ContinuousClock.now
        let before = try await bootID(of: opened)
        if let refusal = try await begin(on: opened) { return .refused(refusal) }
        tell("rebooting\n")
        await close(opened)
        let back = try await comeBack(from: before, until: began + timeout)
        tell("back after \(began.duration(to: .now).components.seconds) s\n")
        return .back(back)
    }

    private func bootID(of opened: ReconnectingShell.Opened) async throws(Failure) -> String {
        let outcome = try await opened.shell.run("cat /proc/sys/kernel/random/boot_id", deadline: .seconds(10))
        guard outcome.succeeded, !outcome.stdout.isEmpty else {
            throw Failure(host: host, deed: "reboot it", cause: "its boot id cannot be read: \(outcome.errorOutput)")
        }
        return outcome.output
    }

    /// Both programs only ask for the reboot and return. The answer may still be lost to it; what came of it is seen by the boot id.
    private func begin(on opened: ReconnectingShell.Opened) async throws(Failure) -> Outcome? {
        do throws(Failure) {
            let outcome = try await opened.shell.run(
                "if [ -d /run/systemd/system ]; then systemctl reboot; else reboot; fi", deadline: .seconds(20))
            return outcome.succeeded || outcome.timedOut ? nil : outcome
        } catch {
            if error.code == .unreachable || error.code == .timedOut { return nil }
            throw error
        }
    }

    private func comeBack(
        from before: String, until end: ContinuousClock.Instant
    ) async throws(Failure) -> ReconnectingShell.Opened {
        var rest: Duration = .milliseconds(500)
        var seen: Seen = .old
        while ContinuousClock.now + rest < end {
            do { try await Task.sleep(for: rest) } catch { break }
            rest = min(rest * 2, .seconds(5))
            do throws(Failure) {
                let opened = try await open()
                do throws(Failure) {
                    if try await bootID(of: opened) != before { return opened }
                    seen = .old
                } catch { seen = .nothing(error) }
                await close(opened)
            } catch { seen = .nothing(error) }
        }
        if Task.isCancelled {
            throw Failure(.cancelled, host: host, deed: "wait for its reboot", cause: "it was cancelled")
        }
        throw failure(seen)
    }

    private func close(_ opened: ReconnectingShell.Opened) async {
        await opened.shell.close()
        await opened.close()
    }

    /// What the last attempt found.
    private enum Seen {
        case old
        case nothing(Failure)
    }

    private func failure(_ seen: Seen) -> Failure {
        let limit = "\(timeout.components.seconds) s"
        switch seen {
        case .old:
            return Failure(
                .timedOut, host: host, deed: "reboot it", cause: "\(limit) later it has not gone down",
                hint: "what keeps it? `systemctl list-jobs` on it tells; a larger `timeout` waits longer")
        case .nothing(let last):
            return Failure(
                .unreachable, host: host, deed: "reboot it",
                cause: "it did not come back within \(limit): \(last.cause)", detail: last.detail,
                hint: "look at its console; run again when it is up; a larger `timeout` waits longer")
        }
    }
}
