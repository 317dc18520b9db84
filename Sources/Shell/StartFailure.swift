import Model

/// Why a node shell did not start, told from what was said before the driver came up.
struct StartFailure: Sendable {
    /// What sudo asks for a password with.
    static let prompt = "kubani-password:"

    var host: String
    var said: String
    var status: Int32?
    var becomes: Bool
    var sentPassword: Bool

    var failure: Failure {
        let (cause, hint) = reason
        return Failure(
            .unreachable, host: host, deed: "start a shell", cause: cause, detail: detail, hint: hint)
    }

    private var detail: String? {
        let text = said.replacing(Self.prompt, with: "").split(whereSeparator: \.isNewline)
            .filter { $0 != Driver.greeting && !$0.contains(Driver.magic) }.joined(separator: "\n")
        return text.isEmpty ? nil : text
    }

    private var reason: (cause: String, hint: String?) {
        func says(_ phrases: String...) -> Bool { phrases.contains { said.contains($0) } }
        if says("you must have a tty", "no tty present and no askpass", "must be run from a terminal") {
            return ("sudo wants a terminal", "remove `Defaults requiretty` for this user from the host's sudoers")
        }
        if sentPassword,
            says("Sorry, try again", "incorrect password", "no password was provided", "Authentication failed")
                || said.ranges(of: Self.prompt).count > 1
        {
            return ("sudo did not take the become password", "check ansible_become_password or --ask-become-pass")
        }
        if says("a password is required", "a terminal is required to read the password") {
            return (
                "sudo wants a password",
                "give one with --ask-become-pass or ansible_become_password, or allow this user NOPASSWD in sudoers"
            )
        }
        if says("is not in the sudoers file", "is not allowed to", "may not run sudo") {
            return ("this user may not use sudo", "add the user to the sudo group, or to a file in /etc/sudoers.d")
        }
        if says("unknown user", "unknown uid") {
            return ("the user to become does not exist", "check ansible_become_user")
        }
        let isMissing = status == 127 || says("not found", "Unknown command", "No such file or directory")
        if isMissing, says("sudo"), !says("sh: command not found") {
            return ("sudo is missing", "install sudo, or connect as root with ansible_become: false")
        }
        if isMissing { return ("sh or dd is missing", "kubani needs a POSIX shell, dd and timeout on the host") }
        if says("This account is currently not available", "nologin") {
            return ("the login shell lets nobody in", "give the user a login shell")
        }
        return ("it ended before it was ready" + (status.map { " (exit \($0))" } ?? ""), nil)
    }
}
