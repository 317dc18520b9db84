import Model

/// The way into a cluster, in the kubeconfig of whoever runs kubani.
public struct Kubeconfig: ShellKind {
    public static let name = "kubeconfig"
    public static let summary = """
        Keeps a context in the kubeconfig on the machine that kubani runs on: the first file of $KUBECONFIG, or \
        ~/.kube/config. Its other entries, comments, mode and owner are left as they are, and a new file is readable \
        by its owner only. Of `content` only the server, certificates, key and token are taken: all else that a \
        kubeconfig may have is refused by its name, and a server that is no address of the inventory, too.
        """
    public static let example = """
        - name: kubectl finds the cluster
          kubeconfig: { context: homelab, content: "{{ exports.kubeconfig }}" }
        """
    public static let fields = [
        Field("content", .credential, required: true, "The text of the cluster's kubeconfig, as a server exports it."),
        Field("context", .string, required: true, "The name of the context, and of its cluster and user."),
        Field("server", .string, "Where the cluster's API is, if not where `content` says: https://HOST:6443."),
        Field("path", .path, "Another file."),
    ]
    public static let place = ShellPlace.laptop

    public let merge: KubeconfigMerge
    private let path: String?

    public struct Found: Sendable, Equatable {
        let file: KubeconfigFile
    }

    public init(_ arguments: Arguments) throws(InputErrors) {
        path = arguments.string("path")
        merge = try KubeconfigMerge(
            Secret(arguments.string("content") ?? ""), name: arguments.string("context") ?? "",
            server: arguments.string("server"))
    }

    public var subject: String { "context \(merge.name)" }

    public static func probe(_ all: [Kubeconfig]) -> Script {
        let look: Script = """
            look() {
                file=${1:-${KUBECONFIG%%:*}}
                file=${file:-$HOME/.kube/config}
                case $file in /*) ;; *) echo "KUBECONFIG: $file is no absolute path" >&2; exit 1 ;; esac
                printf '%s\\0' "$file"
                if [ -L "$file" ]; then file=$(readlink -f -- "$file") || exit; fi
                printf '%s\\0' "$file"
                if [ -e "$file" ]; then stat -c %a -- "$file" 2>/dev/null || stat -f %Lp -- "$file"; fi
                printf '\\0'
                if [ -e "$file" ]; then
                    [ -f "$file" ] || { echo "$file is no file" >&2; exit 1; }
                    cat -- "$file" || exit
                fi
                printf '\\0'
            }
            """
        return Script.lines([look] + all.map { "look \($0.path ?? "")" })
    }

    public static func read(_ output: [UInt8], of all: [Kubeconfig]) throws(Failure) -> [Found] {
        var output = ProbeOutput(output, deed: "look at the kubeconfig")
        var found: [Found] = []
        for _ in all {
            let (named, path) = (try output.text(), try output.text())
            let mode = UInt16(try output.text().filter { !$0.isWhitespace }, radix: 8)
            found.append(
                Found(file: KubeconfigFile(named: named, path: path, mode: mode, text: Secret(try output.text()))))
        }
        try output.end()
        return found
    }

    public func difference(from found: Found) -> Difference {
        let file = found.file
        let outcome: KubeconfigMerge.Outcome
        do throws(InputErrors) { outcome = try merge.merged(into: file.text.reveal(), file: file.path) } catch {
            return .fails(cause: error.description, hint: "mend it, or name another file with KUBECONFIG")
        }
        if outcome.details.isEmpty { return .none("in \(file.path)") }
        var details: [Detail] = [.note(file.path)] + outcome.details
        if let mode = file.mode, mode & 0o077 != 0 {
            details.append(.note("others may read it: its mode is 0\(String(mode, radix: 8)), and stays"))
        }
        return .change(
            Change(file.mode == nil ? .create : .update, details: details, steps: [file.replacing(with: outcome.text)]))
    }

    public var touches: [Effect] { [] }
    public func dependsOn(_ found: Found) -> [Effect] { [] }
}
