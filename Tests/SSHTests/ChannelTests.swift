import Foundation
import Model
import Shell
import TestSupport
import Testing

@testable import SSH

@Suite("commands over a real sshd", Needs.program("sshd"), .serialized)
struct ChannelTests {
    @Test("100 MB of output arrives whole")
    func muchOutput() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let connection = try await server.connect()
        let channel = try await connection.exec("head -c 100000000 /dev/zero")
        var count = 0
        while let (_, bytes) = try await channel.read(deadline: .now + .seconds(60)) { count += bytes.count }
        #expect(count == 100_000_000)
        #expect(await channel.exitStatus() == 0)
    }

    @Test("20 MB of input arrive whole, and what is read back meanwhile too")
    func muchInput() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let connection = try await server.connect()
        let channel = try await connection.exec("cat")
        let block = (0..<65536).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        async let writing: Void = {
            for _ in 0..<320 { try await channel.write(block) }
            try await channel.finishInput()
        }()
        let result = try await channel.all(within: .seconds(60))
        try await writing
        #expect(result.stdout.count == 320 * 65536)
        #expect(Array(result.stdout.suffix(65536)) == block)
    }

    @Test("all byte values pass both ways, and standard error is its own stream")
    func binary() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let connection = try await server.connect()
        let bytes = (0...255).map { UInt8($0) }
        let result = try await connection.run("tee /dev/stderr", input: bytes)
        #expect(result.stdout == bytes)
        #expect(result.stderr == bytes)
    }

    /// The last piece of an answer may come while the error stream is asked for: then nothing more comes to wake the
    /// reader.
    @Test("no answer is left lying, in whatever pieces it comes")
    func answersInPieces() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let connection = try await server.connect()
        let channel = try await connection.exec(#"while read -r n; do head -c "$n" /dev/zero; done"#)
        for turn in 0..<6000 {
            let wanted = 1 + turn * 37 % 9000
            try await channel.write(Array("\(wanted)\n".utf8))
            var got = 0
            while got < wanted {
                let piece = try #require(try await channel.read(deadline: .now + .seconds(5)))
                got += piece.bytes.count
            }
            #expect(got == wanted)
        }
        try await channel.finishInput()
        #expect(try await channel.all().status == 0)
    }

    @Test("eight commands run at one time on one connection, each with its own output")
    func several() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let connection = try await server.connect()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let result = try await connection.run("yes \(number) | head -c 2000000")
                    #expect(result.stdout.count == 2_000_000)
                    #expect(result.stdout.first == UInt8(ascii: "0") + UInt8(number))
                    #expect(result.stdout.allSatisfy { $0 == 10 || $0 == UInt8(ascii: "0") + UInt8(number) })
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a read that finds nothing ends at its deadline, and the connection goes on")
    func readDeadline() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let connection = try await server.connect()
        let channel = try await connection.exec("cat")
        await #expect(throws: Failure.self) { try await channel.read(deadline: .now + .milliseconds(200)) }
        try await channel.write(Array("still here".utf8))
        try await channel.finishInput()
        #expect(try await channel.all().output == "still here")
    }

    @Test("where MaxSessions is 1 a second command is refused and the first goes on")
    func maxSessions() async throws {
        let server = try await LocalServer.start(settings: ["MaxSessions 1"])
        defer { server.stop() }
        let connection = try await server.connect()
        let first = try await connection.exec("cat")
        do {
            _ = try await connection.exec("echo second")
            Issue.record("the second was let in")
        } catch {
            #expect(error.code == .failed)
            #expect(error.hint?.contains("MaxSessions") == true)
        }
        try await first.write(Array("first".utf8))
        try await first.finishInput()
        #expect(try await first.all().output == "first")
        #expect(try await connection.run("echo third").output == "third\n")
    }

    @Test("a command that a signal ends has no status")
    func signal() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let connection = try await server.connect()
        #expect(try await connection.run("kill -9 $$").status == nil)
    }

    @Test("closing a channel whose command runs on does not wait for it")
    func closeEarly() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let connection = try await server.connect()
        let channel = try await connection.exec("trap '' HUP; exec sleep 6")
        let began = ContinuousClock.now
        await channel.close()
        #expect(try await connection.run("echo next").output == "next\n")
        #expect(ContinuousClock.now - began < .seconds(5))
    }

    @Test("40 connections at one time, with fewer handshakes")
    func many() async throws {
        let server = try await LocalServer.start()
        defer { server.stop() }
        let key = try await server.authorizedKey()
        try server.know()
        var options = server.options
        options.forks = 8
        let connector = SSHConnector(options: options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let connection = try await connector.connect(server.settings(key: key))
                    #expect(try await connection.run("echo \(number)").output == "\(number)\n")
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("connections that sshd's MaxStartups drops are tried again")
    func maxStartups() async throws {
        let server = try await LocalServer.start(settings: ["MaxStartups 3:100:3"])
        defer { server.stop() }
        let key = try await server.authorizedKey()
        try server.know()
        let connector = SSHConnector(options: server.options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    let connection = try await connector.connect(server.settings(key: key))
                    #expect(try await connection.run("echo in").output == "in\n")
                }
            }
            try await group.waitForAll()
        }
    }
}
