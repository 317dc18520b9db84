import Model

/// A kubeconfig that a person and kubectl write, too: it is changed as kubectl changes it, under `FILE.lock`, and only
/// where it is still what it was when it was looked at. Mode, owner and a link that leads to it stay.
struct KubeconfigFile: Sendable, Hashable {
    /// As KUBECONFIG names it: there the lock is kubectl's.
    var named: String
    /// Links followed.
    var path: String
    /// nil where there is none.
    var mode: UInt16?
    var text: Secret

    /// POSIX tools alone: the machine that kubani runs on need not have GNU's.
    func replacing(with new: String) -> Step {
        .run(
            """
            umask 077
            file=\(path) lock=\(named + ".lock") new=\(parent(of: path) + "/.kubani-kubeconfig.")$$
            mkdir -p -- \(parent(of: named)) \(parent(of: path)) || exit
            tries=0
            until (set -C; : >"$lock") 2>/dev/null; do
                tries=$((tries + 1))
                if [ "$tries" -gt 10 ]; then
                    echo "$lock is there: kubectl, or another program, is changing the file" >&2
                    echo "if none is, remove $lock" >&2
                    exit 1
                fi
                sleep 1
            done
            trap 'rm -f -- "$lock" "$new"' EXIT
            trap 'exit 1' HUP INT TERM
            \(isStillThere) || { echo "$file has changed since it was looked at: run again" >&2; exit 1; }
            rm -f -- "$new"
            \(making)
            printf %s \(new) >"$new" || exit
            \(restoring)
            mv -f -- "$new" "$file"
            """, deadline: .seconds(30))
    }

    private var isStillThere: Script {
        mode == nil ? "[ ! -e \"$file\" ]" : "printf %s \(text.reveal()) | cmp -s - \"$file\""
    }

    private var restoring: Script {
        guard let mode else { return ":" }
        return "chmod -- \(String(mode, radix: 8)) \"$new\" || exit"
    }

    /// A copy keeps the owner, and what a file system knows besides the mode.
    private var making: Script {
        mode == nil ? "(set -C; : >\"$new\") || exit" : "cp -p -- \"$file\" \"$new\" && chmod u+w -- \"$new\" || exit"
    }
}
