import Foundation
import Model
import TestSupport
import Testing

extension LabTests {
    /// sshd with PAM, as distributions ship it: a password asked for by keyboard-interactive.
    @Suite struct PasswordLoginTests {
        @Test("a password is given where sshd asks for it by keyboard-interactive, and a wrong one is refused")
        func keyboardInteractive() async throws {
            let lab = try await Lab.ready
            try await lab.read(
                "n1",
                """
                useradd -m asker && echo "asker:right one" | chpasswd
                echo "asker ALL=(ALL) NOPASSWD:ALL" >/etc/sudoers.d/asker
                printf "KbdInteractiveAuthentication yes\\nPasswordAuthentication no\\n" >/etc/ssh/sshd_config.d/00-asker.conf
                systemctl restart ssh
                """)
            func plan(_ password: String) async throws -> Program {
                let inventory = try lab.write(
                    """
                    all:
                      vars:
                        ansible_user: asker
                        ansible_password: \(password)
                        ansible_ssh_common_args: \(lab.sshArguments)
                        tailscale_network: \(lab.network).0/24
                      children:
                        control_plane:
                          hosts:
                            n1: { ansible_host: \(lab.address("n1")), tailscale_ip: \(lab.address("n1")) }

                    """, to: "asker-\(UUID().uuidString).yml")
                return try await lab.kubani([
                    "plan", "-i", inventory, "--tags", "checks", "--roles", try lab.shippedRoles("prerequisites"),
                ])
            }
            let right = try await plan("right one")
            #expect(right.status == 0, "\(right.stdout)\(right.stderr)")
            let wrong = try await plan("wrong")
            #expect(wrong.status == 4)
            #expect(wrong.stdout.contains("password by keyboard-interactive: refused"), "\(wrong.stdout)")
            #expect(!(wrong.stdout + wrong.stderr).contains("right one"))
            try await lab.read(
                "n1",
                "rm /etc/ssh/sshd_config.d/00-asker.conf /etc/sudoers.d/asker; systemctl restart ssh; userdel -r asker")
        }
    }
}
