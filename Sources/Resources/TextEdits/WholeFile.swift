import Model

/// A file that is put in place whole, and first checked by its author's command where there is one.
struct WholeFile: Sendable, Hashable {
    var path: String
    var content: FileWrite.Content
    var permissions = Permissions()
    var makesFolder = false
    var replaces: FileWrite.Replaced?
    /// A command that must succeed, with the new file as $1.
    var validate: String?

    static let validateField = Field(
        "validate", .script,
        "A command that must succeed before new content takes its place, with the new file as $1: "
            + "visudo -cf \"$1\".")

    var steps: [Step] {
        guard let validate else { return [write(to: path)] }
        let unchanged = replaces.map { [Step.run(guarding($0), deadline: .seconds(30))] } ?? []
        return unchanged + [
            write(to: candidate),
            .run(
                """
                \(NodeWay.functions)
                reach \(path) || stop
                goal=$name
                # Whatever ends this, nothing is left of it.
                trap 'rm -f -- \(candidateName)' EXIT
                trap 'exit 129' HUP
                trap 'exit 130' INT
                trap 'exit 143' TERM
                KUBANI_SCRIPT=\(validate) \(Surroundings().shell) validate "$here/"\(candidateName) || {
                status=$?
                echo "the new content is not valid" >&2
                exit "$status"
                }
                [ ! -L \(candidateName) ] || { astray "$here/"\(candidateName); stop; }
                over ./\(candidateName) "./$goal" || stop
                """, deadline: .seconds(60)),
        ]
    }

    /// Beside the target, for a rename is atomic only within a file system; a dot, for tools that read whole
    /// directories pass over such names.
    private var candidate: String { "\(parent(of: path) == "/" ? "" : parent(of: path))/\(candidateName)" }
    private var candidateName: String { ".kubani-\(sha256(Array(path.utf8)).prefix(16))" }

    private func write(to path: String) -> Step {
        .write(
            FileWrite(
                path: path, content: content, mode: permissions.mode, owner: permissions.owner,
                group: permissions.group, makesFolder: makesFolder, replaces: path == self.path ? replaces : nil))
    }

    /// What a write does by itself, where it is another file that is written.
    private func guarding(_ replaced: FileWrite.Replaced) -> Script {
        switch replaced {
        case .nothing:
            """
            \(NodeWay.functions)
            reach \(path) || { [ "$missing" ] || stop; exit 0; }
            if [ -e "./$name" ]; then echo \("\(path) has been made since it was looked at") >&2; exit 1; fi
            """
        case .file(let sha256):
            """
            \(NodeWay.functions)
            reach \(path) || stop
            now=
            [ ! -f "./$name" ] || { held || stop; now=$(sha256sum <&7); } 7<"./$name"
            if [ "${now%% *}" != \(sha256) ]; then
                echo \("\(path) has changed since it was looked at") >&2
                exit 1
            fi
            """
        }
    }
}
