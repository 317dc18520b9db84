import Model

/// What a `wait_for` waits for, and the script that looks for it once: status 0 when it is so, else what it saw instead.
/// The look uses what the node has, for neither nc nor curl is on every one.
enum Goal: Sendable, Hashable {
    case port(Int, host: String)
    case http(String, statuses: [ClosedRange<Int>], insecure: Bool, isSecret: Bool)
    case path(String)
    case command(Script)

    /// How long one look may take.
    var patience: Duration {
        switch self {
        case .port, .path: .seconds(5)
        case .http: .seconds(10)
        case .command: .seconds(30)
        }
    }

    var look: Script {
        switch self {
        case .port(let port, let host): portLook(port, host)
        case .http(let url, let statuses, let insecure, let isSecret): httpLook(url, statuses, insecure, isSecret)
        case .path(let path): "[ -e \(path) ] || { printf '%s\\n' \("\(path) is not there"); exit 1; }"
        case .command(let script): script
        }
    }

    /// For a port of the node itself the kernel's table of listeners tells without a connection.
    private func portLook(_ port: Int, _ host: String) -> Script {
        let digits = String(port, radix: 16, uppercase: true)
        let hexadecimal = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        let isLocal: Script = host == "localhost" || host.hasPrefix("127.") || host == "::1" ? "true" : "false"
        return """
            if command -v bash >/dev/null; then
                said=$(bash -c 'exec 3<>"/dev/tcp/$0/$1"' \(host) \(port) 2>&1) && exit 0
                printf '%s\\n' "$said" | sed -n '1s/.*: //p'
                exit 1
            elif command -v nc >/dev/null; then
                nc -w 3 \(host) \(port) </dev/null >/dev/null
            elif \(isLocal); then
                cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q \("^ *[0-9]*: [0-9A-F]*:\(hexadecimal) [0-9A-F]*:0000 0A ") ||
                    { echo "nothing listens there"; exit 1; }
            elif command -v busybox >/dev/null; then
                busybox nc -w 3 \(host) \(port) </dev/null >/dev/null
            else
                echo "neither bash nor nc is on the node to try the port with"
                exit 1
            fi
            """
    }

    /// curl and GNU's wget read the URL from their standard input, so that a token in it stays out of the list of
    /// processes. busybox's wget only takes it as an argument: not where it is secret. It gets no -T, which crashes those
    /// of Debian; the look has its own deadline.
    private func httpLook(
        _ url: String, _ statuses: [ClosedRange<Int>], _ insecure: Bool, _ isSecret: Bool
    ) -> Script {
        let unchecked: Script = insecure ? "--no-check-certificate" : ""
        let otherwise: Script =
            isSecret
            ? """
            echo "neither curl nor GNU wget is on the node to ask with, and the URL is secret"
            exit 1
            """ : "answer=$(wget -q -S -O /dev/null \(unchecked) \(url) 2>&1)"
        let tests = statuses.map {
            Script("[ \"$code\" -ge \($0.lowerBound) ] && [ \"$code\" -le \($0.upperBound) ] && exit 0")
        }
        return """
            if command -v curl >/dev/null; then
                code=$(printf 'url = "%s"\\n' \(url) |
                    curl -sS -K - -o /dev/null -w '%{http_code}' --max-time 9 \(insecure ? Script("-k") : Script(""))) || exit 1
            elif command -v wget >/dev/null; then
                if wget --version 2>/dev/null | grep -q GNU; then
                    answer=$(printf '%s\\n' \(url) | wget -S -T 9 -O /dev/null \(unchecked) -i - 2>&1)
                else
                    \(otherwise)
                fi
                code=$(printf '%s\\n' "$answer" | sed -n 's/^ *HTTP\\/[0-9.]* \\([0-9][0-9]*\\).*/\\1/p' | head -n 1)
                [ -n "$code" ] || { printf '%s\\n' "$answer" | tail -n 3; exit 1; }
            else
                echo "neither curl nor wget is on the node to ask with"
                exit 1
            fi
            \(Script.lines(tests))
            echo "HTTP status $code"
            exit 1
            """
    }
}

extension Goal: CustomStringConvertible {
    var description: String {
        switch self {
        case .port(let port, let host): "port \(port) on \(host)"
        case .http(let url, _, _, _): url
        case .path(let path): path
        case .command: "a command"
        }
    }
}

extension Goal {
    /// The goal that the fields name; mistakes are added to `errors`.
    init(_ arguments: Arguments, into errors: inout [InputError]) {
        func refuse(_ field: String, unless other: String) {
            if arguments.has(field), !arguments.has(other) {
                errors.append(arguments.error("wait_for.\(field): goes with '\(other)' only", at: field))
            }
        }
        refuse("host", unless: "port")
        refuse("status", unless: "http")
        refuse("insecure", unless: "http")
        if let port = arguments.int("port") {
            let host = arguments.string("host") ?? "127.0.0.1"
            if !(1...65535).contains(port) {
                errors.append(
                    arguments.error(
                        "wait_for.port: \(arguments.shown("port")) is no port", at: "port", hint: "1 to 65535"))
            }
            if host.isEmpty || host.hasPrefix("-") || host.contains("/") {
                errors.append(arguments.error("wait_for.host: an address or a name is needed", at: "host"))
            }
            self = .port(port, host: host)
        } else if let url = arguments.string("http") {
            let isURL = url.hasPrefix("http://") || url.hasPrefix("https://")
            let isPlain = url.unicodeScalars.allSatisfy { $0.value > 32 && $0 != "\"" && $0 != "\\" && $0.value != 127 }
            if !isURL || !isPlain {
                errors.append(
                    arguments.error(
                        "wait_for.http: a URL that begins with http:// or https:// is needed", at: "http",
                        hint: isURL ? "write spaces and quotes as %20 and %22" : nil))
            }
            var statuses: [ClosedRange<Int>] = []
            for text in arguments.strings("status") ?? ["200-399"] {
                let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
                if let low = ends.first ?? nil, let high = ends.last ?? nil, ends.count <= 2, 100 <= low, low <= high,
                    high < 600
                {
                    statuses.append(low...high)
                } else {
                    errors.append(
                        arguments.error(
                            "wait_for.status: '\(arguments.shown("status", text))' is no HTTP status", at: "status",
                            hint: "\"200\" or \"200-399\""
                        ))
                }
            }
            self = .http(
                url, statuses: statuses, insecure: arguments.bool("insecure") ?? false,
                isSecret: arguments.isSensitive("http"))
        } else if let path = arguments.string("path") {
            self = .path(path)
        } else {
            self = .command(arguments.script("command") ?? "")
        }
    }
}
