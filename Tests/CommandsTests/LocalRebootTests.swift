import Model
import Testing

@testable import Commands

@Suite("the machine that kubani runs on")
struct LocalRebootTests {
    @Test("is not rebooted, and nothing of the task is begun")
    func refused() async {
        // Nothing that could reboot anything is behind it.
        let shell = ReconnectingShell(host: "laptop", isHere: true) { () async throws(Failure) in
            throw Failure(deed: "open a shell", cause: "nothing may be asked")
        }
        let failure = await #expect(throws: Failure.self) {
            try await shell.perform([.run("true", deadline: .seconds(1)), .reboot(deadline: .seconds(1))])
        }
        #expect(failure?.cause == "it is the machine that kubani runs on")
        #expect(failure?.host == "laptop")
        #expect(failure?.hint?.contains("run kubani from elsewhere") == true)
    }
}
