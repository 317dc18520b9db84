import Crypto
import Model

/// A text file that a kind owns whole (a unit, a drop-in, a file of sysctl.d). Its content crosses the wire only where
/// it differs from the desired one.
struct ManagedText: Sendable, Hashable {
    var path: String
    var text: String
    var isSensitive = false

    enum Found: Sendable, Hashable {
        case absent
        case same
        case differs(String)
        /// One that not everybody on the node may read.
        case differsUnseen(String)
    }

    /// Defines `look_at_text PATH SHA256`, which prints one field; run once before the lines of `look`.
    static func prepare(_ all: [ManagedText]) -> Script {
        if all.isEmpty { return "" }
        return """
            sums=$(sha256sum -- \(all.map(\.path)) 2>/dev/null)
            look_at_text() {
                if [ ! -f "$1" ]; then printf '%s\\0' -; return; fi
                case "
            $sums
            " in
                *"
            $2  $1
            "*) printf '=\\0' ;;
                *) if [ -n "$(find -L "$1" -prune -perm -004 2>/dev/null)" ]; then printf +; else printf '!'; fi
                    tr -d '\\000' <"$1"; printf '\\0' ;;
                esac
            }
            """
    }

    var look: Script { "look_at_text \(path) \(sha256)" }

    func read(_ fields: inout FieldReader) throws(Failure) -> Found {
        let field = try fields.next()
        switch field.first {
        case "-": return .absent
        case "=": return .same
        case "+", "!":
            let content = String(field.dropFirst())
            if content == text { return .same }
            return field.first == "+" ? .differs(content) : .differsUnseen(content)
        default: throw fields.unreadable("no word about \(path)")
        }
    }

    /// nil where the file is as desired.
    func detail(from found: Found) -> Detail? {
        let wanted = Shown(text, isSensitive: isSensitive)
        switch found {
        case .same: return nil
        case .absent: return .text(path, from: nil, to: wanted)
        case .differs(let content): return .text(path, from: Shown(content, isSensitive: isSensitive), to: wanted)
        case .differsUnseen(let content):
            return .text(path, from: Shown(content, isSensitive: true), to: Shown(text, isSensitive: true))
        }
    }

    var write: Step {
        .write(
            FileWrite(
                path: path, content: .bytes(Array(text.utf8)), mode: isSensitive ? 0o600 : 0o644, owner: "root",
                group: "root"))
    }

    private var sha256: String {
        SHA256.hash(data: Array(text.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }
}
