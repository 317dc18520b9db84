import Foundation
import Model
import TestSupport
import Testing

@testable import SSH

@Suite("key files")
struct KeyTests {
    @Test("pi's digits are right at both ends of the tables")
    func pi() {
        let words = PiDigits.words(1042)
        #expect(words.prefix(4) == [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344])
        #expect(words.suffix(2) == [0x578f_dfe3, 0x3ac3_72e6])
    }

    @Test(
        "the public half of each kind and format is what ssh-keygen wrote beside it", Needs.program("ssh-keygen"),
        arguments: [
            ("ed25519", []), ("ecdsa", ["-b", "256"]), ("ecdsa", ["-b", "384"]), ("ecdsa", ["-b", "521"]),
            ("rsa", ["-b", "2048"]), ("rsa", ["-b", "2048", "-m", "PEM"]), ("rsa", ["-b", "2048", "-m", "PKCS8"]),
            ("ecdsa", ["-b", "384", "-m", "PEM"]), ("ecdsa", ["-b", "521", "-m", "PKCS8"]),
        ] as [(String, [String])])
    func publicHalf(type: String, more: [String]) async throws {
        try await withKey(type, more) { path in
            guard case .open(let key) = try KeyFile(String(contentsOfFile: path, encoding: .utf8)) else {
                Issue.record("it is locked")
                return
            }
            let beside = PublicKey(line: try String(contentsOfFile: path + ".pub", encoding: .utf8))
            #expect(try key.publicKey() == beside)
        }
    }

    @Test(
        "a passphrase opens each kind of encrypted key, and a wrong one does not", Needs.program("ssh-keygen"),
        arguments: [
            ["-a", "1"], ["-a", "2", "-Z", "aes128-ctr"], ["-a", "1", "-Z", "aes256-cbc"],
            ["-a", "1", "-Z", "aes256-gcm@openssh.com"],
        ])
    func locked(more: [String]) async throws {
        try await withKey("ed25519", more, passphrase: "päss") { path in
            guard case .locked(let key) = try KeyFile(String(contentsOfFile: path, encoding: .utf8)) else {
                Issue.record("it is open")
                return
            }
            let beside = PublicKey(line: try String(contentsOfFile: path + ".pub", encoding: .utf8))
            #expect(key.publicKey == beside)
            #expect(try key.unlock("päss").publicKey() == beside)
            #expect(throws: KeyProblem.wrongPassphrase) { try key.unlock("pass") }
            #expect(throws: KeyProblem.wrongPassphrase) { try key.unlock("") }
        }
    }

    @Test("what is no key, or one that is not supported, is said", Needs.program("ssh-keygen"))
    func notKeys() async throws {
        #expect(throws: KeyProblem.notAKey) { try KeyFile("") }
        #expect(throws: KeyProblem.notAKey) { try KeyFile("ssh-ed25519 AAAA") }
        #expect(throws: KeyProblem.notAKey) {
            try KeyFile("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")
        }
        try await withKey("rsa", ["-b", "2048", "-m", "PKCS8"], passphrase: "secret") { path in
            do {
                _ = try KeyFile(String(contentsOfFile: path, encoding: .utf8))
                Issue.record("it was read")
            } catch {
                #expect("\(error)".contains("unsupported"))
            }
        }
    }

    @Test("a key file cut anywhere is an error and no crash", Needs.program("ssh-keygen"))
    func cut() async throws {
        for (type, more) in [("ed25519", []), ("rsa", ["-b", "2048"]), ("rsa", ["-b", "2048", "-m", "PEM"])] {
            try await withKey(type, more) { path in
                let armor = try #require(Armor(try String(contentsOfFile: path, encoding: .utf8)))
                for count in stride(from: 0, to: armor.bytes.count - 20, by: 7) {
                    let text =
                        "-----BEGIN \(armor.label)-----\n\(Data(armor.bytes.prefix(count)).base64EncodedString())\n"
                    #expect(throws: KeyProblem.self) { try KeyFile(text) }
                }
            }
        }
    }

    private func withKey(
        _ type: String, _ more: [String], passphrase: String = "", _ body: (String) async throws -> Void
    ) async throws {
        let path = NSTemporaryDirectory() + "kubani-key-\(UUID().uuidString)"
        defer {
            try? FileManager.default.removeItem(atPath: path)
            try? FileManager.default.removeItem(atPath: path + ".pub")
        }
        try await LocalServer.makeKey(path, type: type, more, passphrase: passphrase)
        try await body(path)
    }
}
