import Model

/// One look at many paths of a node: what is at each, by no link that somebody else than root could have made.
///
/// Where all folders on the way are root's alone, one `stat` and one `sha256sum` serve all paths, by their names. Others
/// are entered one by one (`NodeWay`), and looked at from within. What it costs grows as the paths do, and no program is
/// given more of them than its arguments may hold.
struct PathsLook {
    /// A path, and what the look's own script is told of it.
    struct Item: Sendable, Hashable {
        var path: String
        var argument = ""
    }

    /// What a look told of a path.
    struct Place {
        /// What is at the path itself; nil for nothing.
        var entry: NodeEntry?
        var way = PathWay()
        /// nil for what is no regular file, or could not be read.
        var sha256: String?
        /// What the look's own script printed, record by record.
        var extras: [ArraySlice<UInt8>] = []
    }

    private var places: [Place]

    /// - Parameters:
    ///   - hashes: whether the SHA-256 of regular files is asked for.
    ///   - extras: what defines `extra NAME ARGUMENT`, which prints the same number of records for each. A folder that
    ///     is not root's alone was entered before, and the name then begins `./`; `differs` and `content` serve it.
    static func probe(_ items: [Item], hashes: Bool = false, extras: Script = "") -> Script {
        let chunks = chunks(items)
        let paths = items.map(\.path)
        let isSmall = items.count <= 256 && paths.reduce(0) { $0 + $1.utf8.count } < 32_000
        let folders = ancestors(chunks.map(\.folder))
        return .lines([
            NodeWay.functions, functions, extras,
            isSmall
                ? "folders() { stat -c '%f/%u%n//' -- \(folders) 2>/dev/null; }\nall() { \"$@\" \(paths); }"
                : "folders() { printf '%s\\0' \(folders) | xargs -0 stat -c '%f/%u%n//' -- 2>/dev/null; }",
            "groups() {",
            .lines(
                chunks.map { chunk in
                    "at \(chunk.folder) \(chunk.members.flatMap { [name(items[$0].path), items[$0].argument] })"
                }),
            ":\n}",
            "small=\(isSmall ? "yes" : "") hashes=\(hashes ? "yes" : "") extras=\(extras.text.isEmpty ? "" : "yes")",
            "lookAround",
        ])
    }

    init(_ output: inout ProbeOutput, of items: [Item], hashes: Bool = false, extras: Int = 0) throws(Failure) {
        places = Array(repeating: Place(), count: items.count)
        var shared: [Int] = []
        var chunks = Self.chunks(items)[...]
        while case let folder = try output.record(), !folder.isEmpty {
            while let chunk = chunks.first, !folder.elementsEqual(chunk.folder.utf8) {
                shared += chunk.members
                chunks = chunks.dropFirst()
            }
            guard let chunk = chunks.popFirst() else { throw output.unreadable("a folder that was not asked for") }
            let state = try output.text()
            let through = try output.text().split(separator: "\n").map(String.init)
            for i in chunk.members {
                places[i].way = PathWay(through: through, refusal: state.isEmpty || state == "-" ? nil : state)
            }
            if state.isEmpty {
                try read(&output, chunk.members, of: items, hashes: hashes, extras: extras) {
                    "./" + Self.name(items[$0].path)
                }
            }
        }
        shared += chunks.flatMap(\.members)
        let root = try read(&output, shared, of: items, hashes: hashes, extras: extras) { items[$0].path }
        if root == nil { throw output.unreadable("no stat (coreutils or busybox)") }
    }

    subscript(index: Int) -> Place { places[index] }

    /// - Returns: what was told of `/`.
    @discardableResult
    private mutating func read(
        _ output: inout ProbeOutput, _ members: [Int], of items: [Item], hashes: Bool, extras: Int,
        name: (Int) -> String
    ) throws(Failure) -> NodeEntry? {
        let entries = try NodeEntries.records(try output.record(), of: output)
        var sums = NodeHashes(hashes ? try output.record() : [])
        for i in members {
            let name = name(i)
            places[i].entry = entries[Array(name.utf8)]
            places[i].sha256 = sums.next(of: name)
        }
        if !sums.isEmpty { throw output.unreadable("unexpected lines of sha256sum") }
        guard extras > 0 else { return entries[Array("/".utf8)] }
        for i in members { for _ in 0..<extras { places[i].extras.append(try output.record()) } }
        return entries[Array("/".utf8)]
    }
}

/// How a path was gone to.
public struct PathWay: Sendable, Equatable {
    /// The links of root's that were followed, "/var/run -> /run".
    var through: [String] = []
    /// Why it was not: a link that somebody else than root may have made.
    var refusal: String?

    static let hint = "name the path that it leads to, or remove the link"

    /// Why nothing can be done there; nil where nothing stands in the way.
    var failure: Difference? { refusal.map { .fails(cause: $0, hint: $0.hasSuffix("not followed") ? Self.hint : nil) } }

    /// A change that names the links which it goes through.
    func noting(_ difference: Difference) -> Difference {
        guard case .change(var change) = difference, !through.isEmpty else { return difference }
        change.details = through.map { .note("follows the link \($0)") } + change.details
        return .change(change)
    }
}

extension PathsLook {
    private struct Chunk {
        var folder: String
        var members: [Int]
    }

    private static func name(_ path: String) -> String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path
    }

    /// The paths by their folders, at most so many at a time: a shell that is given thousands of words slows down.
    private static func chunks(_ items: [Item]) -> [Chunk] {
        var places: [[UInt8]: Int] = [:]
        var chunks: [Chunk] = []
        for (i, item) in items.enumerated() {
            let folder = parent(of: item.path)
            let key = Array(folder.utf8)
            if let place = places[key], chunks[place].members.count < 200 {
                chunks[place].members.append(i)
            } else {
                places[key] = chunks.count
                chunks.append(Chunk(folder: folder, members: [i]))
            }
        }
        return chunks
    }

    /// The folders and all above them, each before what is below it and with that right after it.
    private static func ancestors(_ folders: [String]) -> [String] {
        var seen: Set<[[UInt8]]> = [[]]
        for folder in folders {
            var parts = folder.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
            while seen.insert(parts).inserted, !parts.isEmpty { parts.removeLast() }
        }
        return seen.sorted { $0.lexicographicallyPrecedes($1) { $0.lexicographicallyPrecedes($1) } }
            .map { "/" + $0.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/") }
    }

    private static let functions: Script = #"""
        # The uppermost folders below which somebody else than root may make links, or where a link leads on.
        survey() {
            tops= everywhere= top=
            IFS=$nl
            set -f
            for line in $(folders | grep -v '^4.[02468ace][014589cd]/0/'); do
                case $line in */*/*) ;; *) continue ;; esac
                [ -z "$top" ] || case /${line#*/*/} in "$top"/*) continue ;; esac
                top=/${line#*/*/}
                top=${top%//}
                top=${top%/}
                [ -n "$top" ] || everywhere=yes
                tops=$tops$top$nl
            done
            set +f
            unset IFS
        }
        isExposed() {
            case $everywhere$1 in yes* | *"$nl"*) return 0 ;; esac
            [ -n "$tops" ] || return 1
            IFS=$nl
            set -f
            found=1
            for top in $tops; do case $1/ in "$top"/*) found=0; break ;; esac; done
            set +f
            unset IFS
            return $found
        }
        at() {
            folder=$1
            shift
            if isExposed "$folder"; then
                [ "$pass" != apart ] || apart "$@"
            elif [ "$pass" != apart ]; then
                before=${folder%/}/
                "$pass" "$@"
            fi
        }
        names() { while [ $# -gt 0 ]; do printf '%s\0' "$before$1"; shift 2; done; }
        files() {
            while [ $# -gt 0 ]; do
                [ ! -f "$before$1" ] || [ -L "$before$1" ] || printf '%s\0' "$before$1"
                shift 2
            done
        }
        more() { while [ $# -gt 0 ]; do extra "$before$1" "$2"; shift 2; done; }
        apart() {
            printf '%s\0' "$folder"
            if ! enter "$folder"; then
                [ -z "$missing" ] || refused=-
                printf '%s\0%s\0' "$refused" "$through"
                return
            fi
            before=./
            printf '\0%s\0' "$through"
            names "$@" | xargs -0 stat -c '%f/%u/%g/%s/%U/%G/%n//' -- 2>/dev/null
            printf '\0'
            [ -z "$hashes" ] || { sums=$(files "$@" | xargs -r -0 sha256sum -- 2>/dev/null; echo .); printf '%s\0' "${sums%.}"; }
            [ -z "$extras" ] || printf '%s' "${sums%.}" | { line=; more "$@"; }
        }
        regular() {
            for p do shift; [ ! -f "$p" ] || [ -L "$p" ] || set -- "$@" "$p"; done
            [ $# -eq 0 ] || sha256sum -- "$@" 2>/dev/null
        }
        lookAround() {
            survey
            cr=$(printf '\r')
            pass=apart sums=
            if [ -n "$tops$everywhere" ]; then small=; fi
            groups
            printf '\0'
            cd /
            if [ "$small" ]; then all stat -c '%f/%u/%g/%s/%U/%G/%n//' -- / 2>/dev/null
            else { printf '/\0'; pass=names; groups; } | xargs -0 stat -c '%f/%u/%g/%s/%U/%G/%n//' -- 2>/dev/null
            fi
            printf '\0'
            if [ "$hashes" ]; then
                if [ "$small" ]; then sums=$(all regular; echo .)
                else sums=$({ pass=files; groups; } | xargs -r -0 sha256sum -- 2>/dev/null; echo .)
                fi
                printf '%s\0' "${sums%.}"
            fi
            [ -z "$extras" ] || printf '%s' "${sums%.}" | { line=; pass=more; groups; }
        }
        # Whether the hash of a regular file, whose line is the next of standard input, is another than this one.
        differs() {
            [ -n "$line" ] || IFS= read -r line || line=
            case $line in
            *"  $1") ;;
            # GNU's sha256sum escapes backslashes, newlines and carriage returns in a name, and says so.
            \\*) case $1 in *[\\]* | *"$nl"* | *"$cr"*) ;; *) return 1 ;; esac ;;
            *) return 1 ;;
            esac
            sum=${line%% *} line=
            [ "${sum#\\}" != "$2" ]
        }
        # A regular file as base64, and no more than one byte beyond the limit of it.
        content() {
            if [ -f "$1" ] && [ ! -L "$1" ]; then
                case $1 in
                ./*) name=${1#./}; { held && head -c $(($2 + 1)) <&7 | base64; } 7<"$1" ;;
                *) head -c $(($2 + 1)) <"$1" | base64 ;;
                esac
            fi
            printf '\0'
        }
        """#
}
