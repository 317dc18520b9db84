import Model

/// The way into a cluster, in the kubeconfig of whoever runs kubani.
public struct Kubeconfig: ShellKind {
    public static let name = "kubeconfig"
    public static let summary = """
        Keeps a context in the kubeconfig on the machine that kubani runs on: the first file of $KUBECONFIG, or \
        ~/.kube/config. Its other entries are left as they are; the file is readable by its owner only.
        """
    public static let example = """
        - name: kubectl finds the cluster
          kubeconfig: { context: homelab, content: "{{ exports.kubeconfig }}" }
        """
    public static let fields = [
        Field("content", .credential, required: true, "The text of a kubeconfig for the cluster."),
        Field("context", .string, required: true, "The name of the context, and of its cluster and user."),
        Field("server", .string, "Where the cluster's API is, if not where `content` says: https://HOST:6443."),
        Field("path", .path, "Another file."),
    ]
    public static let place = ShellPlace.laptop

    private let merge: KubeconfigMerge
    private let path: String?

    public struct Found: Sendable, Equatable {
        /// Links followed.
        var path: String
        /// Permission bits; nil where there is no file.
        var mode: UInt16?
        var text: Secret
    }

    public init(_ arguments: Arguments) throws(InputErrors) {
        path = arguments.string("path")
        merge = try KubeconfigMerge(
            arguments.string("content") ?? "", name: arguments.string("context") ?? "",
            server: arguments.string("server"))
    }

    public var subject: String { "context \(merge.name)" }

    public static func probe(_ all: [Kubeconfig]) -> Script {
        let look: Script = """
            look() {
                file=${1:-${KUBECONFIG%%:*}}
                file=${file:-$HOME/.kube/config}
                if [ -L "$file" ]; then file=$(readlink -f -- "$file"); fi
                printf '%s\\0' "$file"
                if [ -e "$file" ]; then stat -c %a -- "$file" 2>/dev/null || stat -f %Lp -- "$file"; fi
                printf '\\0'
                if [ -e "$file" ]; then cat -- "$file" || exit; fi
                printf '\\0'
            }
            """
        return Script.lines([look] + all.map { "look \($0.path ?? "")" })
    }

    public static func read(_ output: [UInt8], of all: [Kubeconfig]) throws(Failure) -> [Found] {
        var output = ProbeOutput(output, deed: "look at the kubeconfig")
        var found: [Found] = []
        for _ in all {
            let path = try output.text()
            let mode = UInt16(try output.text().filter { !$0.isWhitespace }, radix: 8)
            found.append(Found(path: path, mode: mode, text: Secret(try output.text())))
        }
        try output.end()
        return found
    }

    public func difference(from found: Found) -> Difference {
        let outcome: KubeconfigMerge.Outcome
        do throws(InputErrors) { outcome = try merge.merged(into: found.text.reveal(), file: found.path) } catch {
            return .fails(cause: error.description, hint: "mend it, or name another file with KUBECONFIG")
        }
        var details = outcome.details
        if let mode = found.mode, mode != 0o600 {
            details.append(.attribute("mode", from: Shown("0" + String(mode, radix: 8)), to: "0600"))
        }
        if details.isEmpty { return .none("in \(found.path)") }
        let folder = found.path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        return .change(
            Change(
                found.mode == nil ? .create : .update, details: [.note(found.path)] + details,
                steps: [
                    .run("umask 077; mkdir -p -- \(folder)", deadline: .seconds(10)),
                    .write(FileWrite(path: found.path, content: .bytes(Array(outcome.text.utf8)), mode: 0o600)),
                ]))
    }

    public var touches: [Effect] { [] }
    public func dependsOn(_ found: Found) -> [Effect] { [] }
}
