import Model
import Planner
import Report
import Roles
import SSH
import Shell
import Synchronization
import Template

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Looks at one node from the outside in: its name, its port, its host key, and so on. What comes after the first thing
/// that does not hold is not looked at.
struct NodeExamination: Sendable {
    let settings: ConnectionSettings
    let connector: SSHConnector
    let vouched: [String]
    let tailscaleAddress: String?
    /// `k3s_data_dir` of the inventory; nil leaves it to what the node has.
    let dataFolder: String?

    private static let way: [(milestone: Milestone, name: String)] = [
        (.named, "name"), (.answered, "port"), (.trusted, "host key"), (.loggedIn, "login"),
    ]
    /// Whether each part of the way is ours to look at: the user's ssh tells how far it came in its own words.
    private var isSeen: Bool { settings.method == .ssh }

    /// What is looked at here, in order.
    private var names: [String] { (isSeen ? Self.way.map(\.name) : []) + ["shell", "sudo"] + NodeVitals.names }

    func run() async -> [Finding] {
        var findings: [Finding] = []
        do throws(Stop) {
            let connection = isSeen ? try await connect(&findings) : nil
            do throws(Stop) {
                try await look(over: connection, &findings)
                await connection?.close()
            } catch {
                await connection?.close()
                throw error
            }
        } catch {
            findings.append(error.finding)
        }
        return findings + names.dropFirst(findings.count).map { Finding($0, .notLookedAt) }
    }

    /// The first thing that does not hold.
    private struct Stop: Error { var finding: Finding }

    private func connect(_ findings: inout [Finding]) async throws(Stop) -> SSHConnection {
        let way = Way()
        let result: Result<SSHConnection, Failure>
        do throws(Failure) {
            result = .success(
                try await connector.connect(settings, vouched: vouched) { milestone in
                    way.reached.withLock { $0 = milestone }
                })
        } catch {
            result = .failure(error)
        }
        let reached = way.reached.withLock { $0 }
        for (milestone, name) in Self.way {
            if let reached, milestone <= reached {
                findings.append(Finding(name, .ok, text(milestone)))
            } else if case .failure(let failure) = result {
                throw Stop(finding: Finding(name, unreachable: failure))
            }
        }
        do throws(Failure) { return try result.get() } catch {
            throw Stop(finding: Finding("shell", unreachable: error))
        }
    }

    private final class Way: Sendable { let reached = Mutex<Milestone?>(nil) }

    private func text(_ milestone: Milestone) -> String {
        switch milestone {
        case .named: settings.address
        case .answered: settings.port.map { "\($0) answers" } ?? "answers"
        case .trusted: vouched.isEmpty ? "known" : "known, or vouched for by Tailscale"
        case .loggedIn: settings.user.map { "as \($0)" } ?? "done"
        }
    }

    // MARK: Inside

    private func look(over connection: SSHConnection?, _ findings: inout [Finding]) async throws(Stop) {
        var plain = settings
        plain.becomes = false
        do throws(Failure) {
            let shell = try await open(plain, over: connection)
            _ = try await shell.run(":")
            await shell.close()
        } catch {
            throw Stop(finding: Finding("shell", unreachable: error))
        }
        findings.append(Finding("shell", .ok, "a POSIX shell, dd and timeout"))

        let shell: DriverShell
        do throws(Failure) {
            shell = try await open(settings, over: connection)
            let who = try await shell.run("id -u; id -un").output.split(separator: "\n").map(String.init)
            findings.append(Self.sudo(who, becomes: settings.becomes))
        } catch {
            throw Stop(finding: Finding("sudo", unreachable: error))
        }
        do throws(Failure) {
            findings += try await vitals(shell).findings
            await shell.close()
        } catch {
            await shell.close()
            throw Stop(finding: Finding(NodeVitals.names[0], unreachable: error))
        }
    }

    private func open(_ settings: ConnectionSettings, over connection: SSHConnection?) async throws(Failure)
        -> DriverShell
    {
        let limit = connector.options.connectTimeout
        let channel: any ByteChannel
        if let connection {
            channel = try await connection.exec(openShell(settings), deadline: .now + limit)
        } else if settings.method == .openssh {
            channel = try await connector.startBySSH(openShell(settings), on: settings)
        } else {
            channel = try LocalChannel("/bin/sh", ["-c", openShell(settings, login: Owner.user).text])
        }
        return DriverShell(
            channel: PunctualChannel(channel, host: settings.host, within: limit), host: settings.host,
            password: settings.becomes ? settings.becomePassword : nil,
            becomes: settings.becomes)
    }

    private static func sudo(_ who: [String], becomes: Bool) -> Finding {
        if who.first == "0" { return Finding("sudo", .ok, becomes ? "root" : "not needed: root logs in") }
        return Finding(
            "sudo", .warn, "commands run as \(who.last ?? "?"), not as root",
            hint: becomes ? "is ansible_become_user meant so?" : "set ansible_become: true")
    }

    private func vitals(_ shell: DriverShell) async throws(Failure) -> NodeVitals {
        let before = Date().timeIntervalSince1970
        let time = Int(try await shell.run("date +%s").output.split(separator: "\n").first ?? "") ?? 0
        let after = max(before, Date().timeIntervalSince1970)
        let facts = try await Survey.take(from: shell, exports: []).facts
        let folder = dataFolder ?? facts["k3s"]?["data_dir"]?.string ?? "/var/lib/rancher/k3s"
        // Of what is not there yet, the folder that it will be made in.
        let df = try await shell.run(
            """
            place=\(folder)
            while [ ! -e "$place" ] && [ -n "$place" ]; do place=${place%/*}; done
            df -Pk "${place:-/}" | tail -n 1
            """)
        return NodeVitals(
            facts: facts, skew: NodeVitals.skew(time: time, asked: before...after), tailscaleAddress: tailscaleAddress,
            dataFolder: folder, dataDisk: NodeVitals.Disk(df: df.output))
    }
}
