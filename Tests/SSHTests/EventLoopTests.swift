import Foundation
import Synchronization
import Testing

@testable import Polling
@testable import SSH

@Suite("the event loop, over epoll and over poll")
struct EventLoopTests {
    enum Kind: CaseIterable { case system, poll }

    private func loop(_ kind: Kind) throws -> EventLoop {
        switch kind {
        case .system: EventLoop()
        case .poll: EventLoop(try #require(PollReadiness()))
        }
    }

    @Test("a descriptor that is readable wakes its waiter, and only in that direction", arguments: Kind.allCases)
    func readable(kind: Kind) async throws {
        let loop = try loop(kind)
        defer { loop.stop() }
        let (a, b) = try #require(Descriptor.pair())
        let ours = Descriptor(adopting: a)
        let theirs = Descriptor(adopting: b)
        #expect(await loop.wait(for: .write, on: ours.raw, until: .now + .seconds(10)) == .ready)
        #expect(await loop.wait(for: .read, on: ours.raw, until: .now + .milliseconds(30)) == .timedOut)
        let raw = ours.raw
        async let waiting = loop.wait(for: .read, on: raw, until: .now + .seconds(10))
        #expect(await SocketStream.send([1], to: theirs.raw, until: .now + .seconds(1)))
        #expect(await waiting == .ready)
    }

    @Test(
        "a waiter for several descriptors is woken by any of them, and hears nothing more of the others",
        arguments: Kind.allCases)
    func several(kind: Kind) async throws {
        let loop = try loop(kind)
        defer { loop.stop() }
        let pairs = try (0..<3).map { _ in try #require(Descriptor.pair()) }
        defer {
            for pair in pairs {
                close(pair.0)
                close(pair.1)
            }
        }
        let ours = pairs.map(\.0)
        for round in 0..<9 {
            async let waiting = loop.wait(for: .read, onAnyOf: ours, until: .now + .seconds(10))
            var byte: UInt8 = 1
            #expect(write(pairs[round % 3].1, &byte, 1) == 1)
            #expect(await waiting == .ready)
            #expect(read(pairs[round % 3].0, &byte, 1) == 1)
        }
        #expect(await loop.wait(for: .read, onAnyOf: ours, until: .now + .milliseconds(20)) == .timedOut)
    }

    @Test("a deadline earlier than all others is kept", arguments: Kind.allCases)
    func deadlines(kind: Kind) async throws {
        let loop = try loop(kind)
        defer { loop.stop() }
        let began = ContinuousClock.now
        await withTaskGroup(of: EventLoop.Wakeup.self) { group in
            for _ in 0..<3 {
                group.addTask { await loop.park(until: began + .seconds(300)) { _ in } }
            }
            group.addTask { await loop.park(until: began + .milliseconds(50)) { _ in } }
            #expect(await group.next() == .timedOut)
            #expect(ContinuousClock.now - began >= .milliseconds(50))
            group.cancelAll()
            for await wakeup in group { #expect(wakeup == .cancelled) }
        }
    }

    @Test("a parked task is woken once, and a cancelled one at once", arguments: Kind.allCases)
    func wake(kind: Kind) async throws {
        let loop = try loop(kind)
        defer { loop.stop() }
        let token = Mutex<EventLoop.Token?>(nil)
        let wakeup = await loop.park(until: .now + .seconds(10)) { parked in
            #expect(loop.wake(parked))
            #expect(!loop.wake(parked))
            token.withLock { $0 = parked }
        }
        #expect(wakeup == .ready)
        let sleeper = Task { await loop.park(until: .now + .seconds(10)) { _ in } }
        sleeper.cancel()
        #expect(await sleeper.value == .cancelled)
    }

    @Test("a nudge wakes all readers of a descriptor, and its end wakes everybody", arguments: Kind.allCases)
    func nudge(kind: Kind) async throws {
        let loop = try loop(kind)
        defer { loop.stop() }
        let (a, b) = try #require(Descriptor.pair())
        let ours = Descriptor(adopting: a)
        let raw = ours.raw
        await withTaskGroup(of: EventLoop.Wakeup.self) { group in
            let parked = Counter()
            for _ in 0..<3 {
                group.addTask {
                    parked.increment()
                    return await loop.wait(for: .read, on: raw, until: .now + .seconds(10))
                }
            }
            // A nudge before the last has parked misses it; the end of the other side below does not.
            loop.nudge(raw)
            close(b)
            for await wakeup in group { #expect(wakeup == .ready) }
        }
    }

    @Test("a thousand waits at one time all end", arguments: Kind.allCases)
    func many(kind: Kind) async throws {
        let loop = try loop(kind)
        defer { loop.stop() }
        let ended = await withTaskGroup(of: EventLoop.Wakeup.self) { group in
            for number in 0..<1000 {
                group.addTask { await loop.park(until: .now + .milliseconds(number % 50)) { _ in } }
            }
            return await group.reduce(into: 0) { count, wakeup in count += wakeup == .timedOut ? 1 : 0 }
        }
        #expect(ended == 1000)
    }

    @Test("turns are so many at one time, and waiting for one has a deadline")
    func turns() async throws {
        let turns = Slots(2)
        #expect(await turns.take(until: .now + .seconds(1)))
        #expect(await turns.take(until: .now + .seconds(1)))
        #expect(await !turns.take(until: .now + .milliseconds(20)))
        async let third = turns.take(until: .now + .seconds(10))
        turns.pass()
        #expect(await third)
        turns.pass()
        turns.pass()
        #expect(await turns.take(until: .now + .seconds(1)))
    }
}
