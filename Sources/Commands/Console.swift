import Model
import Report
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where the program's words go: results to standard output, everything else to standard error.
struct Console: Sendable {
    /// Whether standard error is a terminal that takes control sequences.
    let isInteractive: Bool
    let style: Style
    let errorStyle: Style

    init() {
        let environment = ProcessInfo.processInfo.environment
        // NO_COLOR counts where it is set to anything but the empty text (no-color.org).
        let refused = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        isInteractive = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
        style = Style(color: isatty(STDOUT_FILENO) == 1 && !refused)
        errorStyle = Style(color: isatty(STDERR_FILENO) == 1 && !refused)
    }

    /// The terminal's columns and lines, as they are now.
    var size: (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    func print(_ text: String) {
        Self.write(text.hasSuffix("\n") ? text : text + "\n", style.hasColor ? .colors : .nothing, to: STDOUT_FILENO)
    }
    func complain(_ text: String) {
        Self.write(
            text.hasSuffix("\n") ? text : text + "\n", errorStyle.hasColor ? .colors : .nothing, to: STDERR_FILENO)
    }
    /// To the terminal, just so.
    func draw(_ text: String) {
        let drawing: String.Drawing = isInteractive ? .everything : errorStyle.hasColor ? .colors : .nothing
        Self.write(text, drawing, to: STDERR_FILENO)
    }

    /// All words go through here: whatever a node, a file or a server put into them steers no terminal. A closed pipe is
    /// no reason to complain: whoever read has seen enough. What cannot be written otherwise is remembered.
    private static func write(_ text: String, _ drawing: String.Drawing, to descriptor: Int32) {
        guard let error = writeAll(text.harmless(but: drawing).utf8, to: descriptor), error != EPIPE else { return }
        lost.withLock { $0[descriptor] = error }
    }

    /// What was written nowhere, and why.
    private static let lost = Mutex<[Int32: Int32]>([:])

    /// Says what of the output was lost.
    ///
    /// - Returns: whether any was.
    static func tellLoss() -> Bool {
        let all = lost.withLock { $0 }
        if let error = all[STDOUT_FILENO] {
            Console().complain("standard output could not be written: \(String(cString: strerror(error)))")
        }
        return !all.isEmpty
    }

    var canAsk: Bool { isatty(STDIN_FILENO) == 1 }

    /// Asks on the terminal; false where there is none to ask on.
    func confirm(_ question: String) -> Bool {
        guard isatty(STDIN_FILENO) == 1 else { return false }
        draw("\(question) [y/N] ")
        guard let answer = readLine() else {
            draw("\n")
            return false
        }
        return ["y", "yes"].contains(answer.lowercased())
    }

    /// Asks for a name to be typed, where a yes is too easily said.
    ///
    /// - Throws: where there is no terminal to ask on.
    func confirm(byName name: String, _ deed: String) throws -> Bool {
        guard canAsk else {
            throw InputErrors(
                InputError(
                    "there is no terminal to ask on: nothing was changed", hint: "--yes does it without asking"))
        }
        draw("\nType the cluster's name, \(name), to \(deed): ")
        return readLine() == name
    }

    /// The terminal's settings from before a secret was asked for, as long as it is.
    private static let whileAsking = Mutex<termios?>(nil)

    /// Makes what is typed seen again, where a secret was being asked for.
    func restoreTerminal() {
        Self.whileAsking.withLock { before in
            guard var settings = before else { return }
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
            before = nil
        }
    }

    /// All of standard input; nil where it is no text.
    static func standardInput() -> String? {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return String(validating: all, as: UTF8.self) }
            all += buffer[..<count]
        }
    }

    /// Asks for a secret on the terminal, unseen. nil where there is no terminal.
    func askSecret(_ prompt: String) -> Secret? {
        guard isatty(STDIN_FILENO) == 1 else { return nil }
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        Self.whileAsking.withLock { $0 = before }
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            restoreTerminal()
            draw("\n")
        }
        draw(prompt)
        return readLine().map { Secret($0) }
    }
}
