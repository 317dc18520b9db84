import Crypto
import Foundation
import HTTP
import Model
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite("downloads into a file", Needs.program("python3"))
struct DownloadTests {
    let client = HTTPClient()
    let size = 3_000_000
    private var content: [UInt8] { WebServer.content(size) }
    private var sum: String { SHA256.hash(data: content).hexadecimal }

    private func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

    @Test("a file is written as it comes, its sum and progress told")
    func whole() async throws {
        let server = try WebServer()
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        let told = Mutex<[DownloadProgress]>([])
        let done = try await client.download(HTTPRequest("GET", server.url + "/file/\(size)"), to: path) { progress in
            told.withLock { $0.append(progress) }
        }
        #expect(done.length == size && done.sha256 == sum && done.resumedFrom == 0)
        #expect(try bytes(path) == content)
        #expect(told.withLock { $0.last } == DownloadProgress(received: size, total: size))
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("after a cut only the rest is asked for")
    func resumed() async throws {
        let server = try WebServer()
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        let request = HTTPRequest("GET", server.url + "/file/\(size)?cut=1000000&once=1")
        let cut = await failure { _ = try await client.download(request, to: path) }
        #expect(cut?.code == .unreachable)
        let there = try bytes(path).count
        #expect(there > 0 && there <= 1_000_000)
        let done = try await client.download(request, to: path)
        #expect(done.length == size && done.sha256 == sum && done.resumedFrom == there)
        #expect(try bytes(path) == content)
        #expect(try await server.text("/ranges") == "[null, \"bytes=\(there)-\"]")
        let again = try await client.download(request, to: path)
        #expect(again.length == size && again.sha256 == sum && again.resumedFrom == size)
    }

    @Test("a server that knows no ranges sends all of it again, and a file that is too long begins anew")
    func anew() async throws {
        let server = try WebServer()
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        try "something else".write(toFile: path, atomically: true, encoding: .utf8)
        let done = try await client.download(HTTPRequest("GET", server.url + "/file/\(size)?ranges=no"), to: path)
        #expect(done.sha256 == sum && done.resumedFrom == 0)
        let shorter = try await client.download(HTTPRequest("GET", server.url + "/file/1000"), to: path)
        #expect(shorter.length == 1000 && shorter.resumedFrom == 0)
        #expect(try bytes(path) == WebServer.content(1000))
        let empty = try await client.download(HTTPRequest("GET", server.url + "/file/0?ranges=no"), to: path)
        #expect(empty.length == 0)
        #expect(try bytes(path) == [])
    }

    @Test("a page about an error never gets into the file")
    func refused() async throws {
        let server = try WebServer()
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        try "begun".write(toFile: path, atomically: true, encoding: .utf8)
        let refused = await failure {
            _ = try await client.download(HTTPRequest("GET", server.url + "/status/403"), to: path)
        }
        #expect(refused?.cause == "the server answered 403 Forbidden")
        #expect(try bytes(path) == Array("begun".utf8))
    }

    @Test("a file that cannot be written is told")
    func unwritable() async throws {
        let server = try WebServer()
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        try "begun".write(toFile: path, atomically: true, encoding: .utf8)
        let file = try FileDescriptor.open(FilePath(path), .readOnly)
        defer { try? file.close() }
        let refused = await failure {
            _ = try await client.download(HTTPRequest("GET", server.url + "/file/\(size)"), into: file)
        }
        #expect(refused?.cause.hasPrefix("its file cannot be written: ") == true, "\(String(describing: refused))")
        let nowhere = await failure {
            _ = try await client.download(HTTPRequest("GET", server.url + "/file/1"), to: folder.path + "/a/b")
        }
        #expect(nowhere?.cause.hasPrefix("\(folder.path)/a/b: ") == true)
    }
}
