import Model
import SSH
import Shell

struct CommandResult: Sendable {
    var status: Int32?
    var stdout: [UInt8] = []
    var stderr: [UInt8] = []
    var output: String { String(decoding: stdout, as: UTF8.self) }
}

extension SSHConnection {
    /// Runs a command to its end.
    func run(_ command: Script, input: [UInt8] = [], within limit: Duration = .seconds(30)) async throws
        -> CommandResult
    {
        let channel = try await exec(command, deadline: .now + limit)
        if !input.isEmpty { try await channel.write(input) }
        try await channel.finishInput()
        return try await channel.all(within: limit)
    }
}

extension ByteChannel {
    /// All that comes, and the status.
    func all(within limit: Duration = .seconds(30)) async throws -> CommandResult {
        var result = CommandResult()
        while let (stream, bytes) = try await read(deadline: .now + limit) {
            if stream == .stdout { result.stdout += bytes } else { result.stderr += bytes }
        }
        result.status = await exitStatus()
        await close()
        return result
    }
}
