import Foundation
import HTTP
import Model
import TestSupport
import Testing

@Suite("TLS with a real server", Needs.program("python3"), Needs.program("openssl"))
struct TLSTests {
    let client = HTTPClient()

    private func server(
        _ certificates: Certificates, _ name: String = "server", clients: String? = nil
    ) throws -> WebServer {
        try WebServer(
            tls: (
                certificates.path("\(name).crt"), certificates.path("\(name).key"),
                clients.map { certificates.path("\($0).crt") }
            ))
    }

    private func made(for names: String = "IP:127.0.0.1", days: Int = 10) async throws -> Certificates {
        let certificates = try Certificates()
        try await certificates.authority("ca")
        try await certificates.authority("other")
        try await certificates.certificate("server", by: "ca", for: names, days: days)
        return certificates
    }

    private func request(_ server: WebServer, ca: [UInt8]?) -> HTTPRequest {
        HTTPRequest("GET", server.url + "/echo").with { $0.tls.authorities = ca }
    }

    @Test("a certificate by the authority that was given is trusted; by another, or the system's, it is not")
    func authority() async throws {
        let certificates = try await made()
        let server = try server(certificates)
        let right = try request(server, ca: certificates.bytes("ca.crt"))
        #expect(try await client.send(right).status == 200)
        let wrong = try request(server, ca: certificates.bytes("other.crt"))
        let refused = await failure { _ = try await client.send(wrong) }
        #expect(refused?.code == .failed)
        #expect(
            refused?.cause == "the certificate of 127.0.0.1:\(server.port) is not trusted: no known authority signed it"
        )
        #expect(refused?.hint == "it was signed by another authority than the one that was given")
        let unknown = await failure { _ = try await client.send(request(server, ca: nil)) }
        #expect(unknown?.hint?.hasPrefix("the system's authorities are asked") == true)
        #expect(try await client.send(right.with { $0.tls.isInsecure = true }).status == 200)
        #expect(try await client.send(wrong.with { $0.tls.isInsecure = true }).status == 200)
        // The connection that was made without a look is not used for a request that looks.
        #expect(await failure { _ = try await client.send(wrong) } != nil)
    }

    @Test("an expired certificate is told from one for another name")
    func expired() async throws {
        let certificates = try await made(days: -1)
        let old = try server(certificates)
        let refused = await failure {
            _ = try await client.send(request(old, ca: certificates.bytes("ca.crt")))
        }
        #expect(refused?.cause == "the certificate of 127.0.0.1:\(old.port) has expired")
    }

    @Test("a certificate for another name is refused, unless that is the name that was asked for")
    func name() async throws {
        let certificates = try await made(for: "DNS:kubernetes.example")
        let server = try server(certificates)
        let plain = try request(server, ca: certificates.bytes("ca.crt"))
        let refused = await failure { _ = try await client.send(plain) }
        #expect(refused?.cause == "the certificate of 127.0.0.1:\(server.port) is not for the name 127.0.0.1")
        let named = try await client.send(plain.with { $0.tls.serverName = "kubernetes.example" })
        #expect(named.status == 200 && named.text.contains("\"host\": \"127.0.0.1:\(server.port)\""))
        let misnamed = await failure {
            _ = try await client.send(plain.with { $0.tls.serverName = "other.example" })
        }
        #expect(misnamed?.cause == "the certificate of 127.0.0.1:\(server.port) is not for the name other.example")
    }

    @Test("a client certificate from memory lets its owner in, and nobody else")
    func clientCertificate() async throws {
        let certificates = try await made()
        try await certificates.certificate("anna", by: "ca", for: "DNS:anna")
        try await certificates.certificate("eve", by: "other", for: "DNS:eve")
        let server = try server(certificates, clients: "ca")
        let plain = try request(server, ca: certificates.bytes("ca.crt"))
        func with(_ name: String, key: String? = nil) throws -> HTTPRequest {
            let certificate = try certificates.bytes("\(name).crt")
            let key = Secret(try certificates.text("\(key ?? name).key"))
            return plain.with {
                $0.tls.clientCertificate = certificate
                $0.tls.clientKey = key
            }
        }
        let response = try await client.send(try with("anna"))
        #expect(response.status == 200 && response.text.contains("anna"))
        let none = await failure { _ = try await client.send(plain) }
        #expect(none?.code == .failed && none?.hint == "does it want a client certificate?")
        let foreign = try with("eve")
        let refused = await failure { _ = try await client.send(foreign) }
        #expect(refused?.hint == "is the client certificate one that it knows, and not expired?")
        let mismatched = try with("anna", key: "eve")
        let unfit = await failure { _ = try await HTTPClient().send(mismatched) }
        #expect(unfit?.hint == "are the certificate and its key whole, in PEM, and of one pair?")
    }

    @Test("certificates that are none are called that")
    func garbage() async throws {
        let certificates = try await made()
        let server = try server(certificates)
        let refused = await failure { _ = try await client.send(request(server, ca: Array("no PEM".utf8))) }
        #expect(refused?.hint == "PEM is needed", "\(String(describing: refused))")
    }

    @Test("a redirect from https to http is not followed")
    func downgrade() async throws {
        let certificates = try await made()
        let server = try server(certificates)
        let plain = try WebServer()
        let request = HTTPRequest("GET", server.url + "/lead?to=\(plain.url)/hello").with {
            $0.redirects = 1
            $0.tls.isInsecure = true
        }
        let refused = await failure { _ = try await client.send(request) }
        #expect(refused?.cause == "a redirect leads away from https")
        #expect(try await plain.text("/count/hello") == "0")
    }
}
