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
        /// With what is wrong with the file itself: "0666 nobody:root", "a symbolic link".
        indirect case askew(String, Found)
    }

    /// Defines `look_at_text PATH SHA256`, which prints one field; run once before the lines of `look`.
    static func prepare(_ all: [ManagedText]) -> Script {
        if all.isEmpty { return "" }
        return """
            sums=$(sha256sum -- \(all.map(\.path)) 2>/dev/null)
            access=$(stat -c '%f/%u/%g/%U/%G/%n//' -- \(all.map(\.path)) 2>/dev/null)
            look_at_text() {
                if [ ! -f "$1" ]; then printf '%s\\0' -; return; fi
                at=${access%%"/$1//"*}
                printf '*%s ' "${at##*
            }"
                case "
            $sums
            " in
                *"
            $2  $1
            "*) printf '=\\0' ;;
                *) printf +; tr '\\000' '\\001' <"$1"; printf '\\0' ;;
                esac
            }
            """
    }

    var look: Script { "look_at_text \(path) \(sha256)" }

    func read(_ fields: inout FieldReader) throws(Failure) -> Found {
        var field = Substring(try fields.next())
        var access: Substring = ""
        if field.first == "*", let blank = field.firstIndex(of: " ") {
            access = field[..<blank].dropFirst()
            field = field[field.index(after: blank)...]
        }
        let found: Found
        switch field.utf8.first {
        case UInt8(ascii: "-"): return .absent
        case UInt8(ascii: "="): found = .same
        // Its hash is another, whatever the two look like.
        case UInt8(ascii: "+"):
            let content = String(field.unicodeScalars.dropFirst())
            found = Self.mode(access).map { isPrivate($0) } == true ? .differsUnseen(content) : .differs(content)
        default: throw fields.unreadable("no word about \(path)")
        }
        return fault(access).map { .askew($0, found) } ?? found
    }

    private static func mode(_ access: Substring) -> UInt16? {
        access.split(separator: "/").first.flatMap { UInt16($0, radix: 16) }
    }

    /// What is wrong with a file of that mode, owner and group; nil for nothing.
    private func fault(_ access: Substring) -> String? {
        let parts = access.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, let bits = UInt16(parts[0], radix: 16) else { return nil }
        if bits & 0o170000 != 0o100000 { return "a symbolic link" }
        if bits & 0o7777 == mode, parts[1] == "0", parts[2] == "0" { return nil }
        return "\(octal(bits & 0o7777)) \(parts[3]):\(parts[4])"
    }

    private var mode: UInt16 { isSensitive ? 0o600 : 0o644 }

    /// nil where the file is as desired.
    func detail(from found: Found) -> Detail? { detail(from: found, as: path) }

    private func detail(from found: Found, as title: String) -> Detail? {
        let wanted = Shown(text, isSensitive: isSensitive)
        switch found {
        case .same: return nil
        case .absent: return .text(title, from: nil, to: wanted)
        case .differs(let content):
            if !isSensitive, content.replacing("\u{1}", with: "") == text {
                let what = content == text ? "characters in another form of Unicode" : "bytes that are no text"
                return .attribute(title, from: Shown(what), to: "as it should be")
            }
            return .text(
                title, from: Shown(content.replacing("\u{1}", with: ""), isSensitive: isSensitive), to: wanted)
        case .differsUnseen(let content):
            return .text(title, from: Shown(content, isSensitive: true), to: Shown(text, isSensitive: true))
        case .askew(let fault, let found):
            return detail(from: found, as: "\(path) (\(fault) → \(octal(mode)) root:root)")
                ?? .attribute(path, from: Shown(fault), to: Shown("\(octal(mode)) root:root"))
        }
    }

    var write: Step {
        .write(
            FileWrite(
                path: path, content: .bytes(Array(text.utf8)), mode: mode, owner: "root",
                group: "root"))
    }

    private var sha256: String {
        SHA256.hash(data: Array(text.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }
}
