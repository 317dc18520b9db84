import Foundation
import HTTP
import Model
import Synchronization
import TestSupport
import Testing

@testable import Kubernetes

extension KubernetesTests {
    @Suite("watches, and servers that go away") struct WatchTests {
        /// An event as a text: `+one=1`.
        private static func text(_ event: ClusterEvent?) -> String {
            func object(_ value: Value) -> String {
                "\(value["metadata"]?["name"]?.string ?? "")=\(value["data"]?["a"]?.string ?? "")"
            }
            switch event {
            case .listed(let objects):
                // Clusters put a map of their own into each namespace.
                let own = objects.filter { $0["metadata"]?["name"] != "kube-root-ca.crt" }
                return "[" + own.map(object).joined(separator: " ") + "]"
            case .added(let value): return "+" + object(value)
            case .modified(let value): return "~" + object(value)
            case .deleted(let value): return "-" + object(value)
            case nil: return "end"
            }
        }

        private static let selector = [("fieldSelector", "metadata.name!=kube-root-ca.crt")]

        @Test("what there is comes first, then what happens, in its order")
        func events() async throws {
            let space = try await Space(try ClusterLab.current)
            let (client, path) = (space.client, space.path("configmaps"))
            try await client.apply(space.configMap("one"))
            var watch = client.watch(path, Self.selector, for: .seconds(60)).makeAsyncIterator()
            #expect(Self.text(try await watch.next()) == "[one=1]")
            try await client.apply(space.configMap("two"))
            try await client.apply(space.configMap("one", ["a": "2"]))
            try await client.delete(path + "/two")
            for expected in ["+two=1", "~one=2", "-two=1"] { #expect(Self.text(try await watch.next()) == expected) }
        }

        @Test("a watch from a version on begins there, and ends when its time is up")
        func since() async throws {
            let space = try await Space(try ClusterLab.current)
            let (client, path) = (space.client, space.path("configmaps"))
            try await client.apply(space.configMap("one"))
            let version = try await client.listing(path).resourceVersion
            try await client.apply(space.configMap("one", ["a": "2"]))
            var texts: [String] = []
            let began = ContinuousClock.now
            for try await event in client.watch(path, Self.selector, since: version, for: .seconds(2)) {
                texts.append(Self.text(event))
            }
            #expect(texts == ["~one=2"])
            #expect(ContinuousClock.now - began >= .seconds(2))
        }

        @Test("bookmarks move the version on, unseen")
        func bookmarks() async throws {
            let space = try await Space(try ClusterLab.current)
            let (client, path) = (space.client, space.path("configmaps"))
            // The API server sends one shortly before a watch ends where it gets round to it, and promises none.
            for attempt in 0..<6 {
                var watch = client.watch(path, [("labelSelector", "no=body")], for: .seconds(8)).makeAsyncIterator()
                #expect(Self.text(try await watch.next()) == "[]")
                let before = try #require(watch.resourceVersion.flatMap { Int($0) })
                try await client.apply(space.configMap("map-\(attempt)"))
                #expect(Self.text(try await watch.next()) == "end")
                if try #require(watch.resourceVersion.flatMap { Int($0) }) > before { return }
            }
            Issue.record("no bookmark came in six watches")
        }

        @Test("a watch outlives a restart of the server and misses nothing")
        func restart() async throws {
            let lab = try ClusterLab.current
            let space = try await Space(lab)
            let port = try ClusterLab.freePorts(1)[0]
            try await lab.startServer(port: port)
            defer { lab.stopServer(port: port) }
            let path = space.path("configmaps")
            var watch = try lab.client(server: "https://127.0.0.1:\(port)").watch(
                path, Self.selector, for: .seconds(120)
            ).makeAsyncIterator()
            #expect(Self.text(try await watch.next()) == "[]")
            try await space.client.apply(space.configMap("one"))
            #expect(Self.text(try await watch.next()) == "+one=1")
            lab.stopServer(port: port)
            // Happens where the watch's server cannot see it.
            try await space.client.apply(space.configMap("two"))
            try await space.client.delete(path + "/one")
            async let started: Void = lab.startServer(port: port)
            var seen: Set<String> = []
            var names: Set<String> = ["one"]
            while names != ["two"] {
                let event = try await watch.next()
                seen.insert(Self.text(event))
                switch event {
                case .listed(let objects): names = Set(objects.compactMap { $0["metadata"]?["name"]?.string })
                case .added(let object): names.insert(object["metadata"]?["name"]?.string ?? "")
                case .deleted(let object): names.remove(object["metadata"]?["name"]?.string ?? "")
                case .modified: break
                case nil: throw ClusterLab.Problem(message: "the watch ended: \(seen)")
                }
            }
            try await started
            try await space.client.apply(space.configMap("three"))
            #expect(Self.text(try await watch.next()) == "+three=1")
        }

        @Test("a watch from a version that the server has forgotten lists anew")
        func forgotten() async throws {
            let lab = try ClusterLab.current
            let space = try await Space(lab)
            let path = space.path("configmaps")
            let version = try await space.client.listing(path).resourceVersion
            try await space.client.apply(space.configMap("one"))
            try await lab.compact()
            // A server that starts now knows no history from before.
            let port = try ClusterLab.freePorts(1)[0]
            try await lab.startServer(port: port)
            defer { lab.stopServer(port: port) }
            var watch = try lab.client(server: "https://127.0.0.1:\(port)").watch(
                path, Self.selector, since: version, for: .seconds(60)
            ).makeAsyncIterator()
            #expect(Self.text(try await watch.next()) == "[one=1]")
        }

        @Test("what the server refuses ends a watch")
        func refused() async throws {
            let client = try ClusterLab.current.client()
            var watch = client.watch("/apis/example.com/v1/widgets", for: .seconds(30)).makeAsyncIterator()
            let refused = await failure { _ = try await watch.next() }
            #expect(refused?.cause == "the API has nothing at this path")
            var bad = client.watch("/api/v1/nodes", [("fieldSelector", "no.such=x")], since: "1", for: .seconds(30))
                .makeAsyncIterator()
            #expect(await failure { _ = try await bad.next() }?.deed == "watch /api/v1/nodes")
        }

        @Test("a request waits for a server that restarts, as long as its patience lasts")
        func patience() async throws {
            let lab = try ClusterLab.current
            let port = try ClusterLab.freePorts(1)[0]
            let server = "https://127.0.0.1:\(port)"
            let began = ContinuousClock.now
            let refused = await failure {
                _ = try await lab.client(server: server, patience: .zero).list("/api/v1/nodes")
            }
            #expect(refused?.code == .unreachable)
            #expect(refused?.cause == "connection refused by 127.0.0.1:\(port)")
            #expect(ContinuousClock.now - began < .seconds(5))
            let client = try lab.client(server: server, patience: .seconds(90))
            async let namespaces = client.list("/api/v1/namespaces")
            try await lab.startServer(port: port)
            defer { lab.stopServer(port: port) }
            #expect(try await namespaces.count >= 4)
        }

        @Test("where one server of a cluster is down, another is asked, by watches too")
        func failover() async throws {
            let lab = try ClusterLab.current
            var endpoint = try lab.endpoint()
            let closed = try ClusterLab.freePorts(1)[0]
            endpoint.servers = ["https://127.0.0.1:\(closed)", lab.server]
            let client = ClusterClient(endpoint, patience: .zero)
            #expect(try await client.version().gitVersion == lab.version)
            var watch = ClusterClient(endpoint, patience: .zero).watch(
                "/api/v1/namespaces", since: "1", for: .seconds(60)
            )
            .makeAsyncIterator()
            #expect(try await watch.next() != nil)
            endpoint.servers = ["https://127.0.0.1:\(closed)", "https://127.0.0.1:\(closed)"]
            #expect(
                await failure { _ = try await ClusterClient(endpoint, patience: .zero).version() }?.code == .unreachable
            )
        }
    }

    @Test("lines are put together whatever the pieces they come in")
    func lines() {
        let text = Array("one\n\ntwo\nthree\nrest".utf8)
        for size in 1...text.count {
            var splitter = LineSplitter()
            var lines: [String] = []
            for start in stride(from: 0, to: text.count, by: size) {
                splitter.add(Array(text[start..<min(start + size, text.count)]))
                while let line = splitter.next() { lines.append(String(decoding: line, as: UTF8.self)) }
            }
            #expect(lines == ["one", "two", "three"], "pieces of \(size)")
        }
    }
}
