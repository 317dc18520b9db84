import Testing

extension LabTests {
    @Suite("the kinds, on a machine with systemd") struct KindTests {
        @Test("every kind for the state of a system converges over SSH")
        func converge() async throws {
            let lab = try await Lab.ready
            try await lab.reset("n1")
            try await lab.withShell(on: "n1") { try await checkSystemKindsConverge(on: $0) }
        }
    }
}
