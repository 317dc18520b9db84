import Model

/// The command that starts a node shell on a host: what goes into the SSH exec request, or after `sh -c`.
///
/// It is one line that fish, csh and every POSIX shell read alike. Where a become password is at hand, sudo is told to
/// read it from standard input; `DriverShell` sends it. Its words are asked for in English, to tell why it refuses.
///
/// - Parameter login: the user that the command starts as, where it is known otherwise than from the settings.
public func openShell(_ settings: ConnectionSettings, login: String? = nil) -> Script {
    let shell: Script = "sh -c \(Driver.bootstrap)"
    let isThere = (login ?? settings.user) == settings.becomeUser
    guard settings.becomes, !isThere else { return "exec \(shell)" }
    let user: Script = settings.becomeUser == "root" ? "" : " -u \(settings.becomeUser)"
    if settings.becomePassword != nil {
        return "exec env LC_ALL=C sudo -k -S -p \(StartFailure.prompt)\(user) -- \(shell)"
    }
    return "exec env LC_ALL=C sudo -n\(user) -- \(shell)"
}
