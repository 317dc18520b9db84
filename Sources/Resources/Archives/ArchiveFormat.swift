import Model

/// What an archive is, by its name or as its role says, and what reads it on a node.
enum ArchiveFormat: String, Sendable, Hashable, CaseIterable {
    case tar = "tar"
    case gzip = "tar.gz"
    case xz = "tar.xz"
    case zstd = "tar.zst"
    case bzip2 = "tar.bz2"
    case zip = "zip"

    private var suffixes: [String] {
        switch self {
        case .tar: [".tar"]
        case .gzip: [".tar.gz", ".tgz"]
        case .xz: [".tar.xz", ".txz"]
        case .zstd: [".tar.zst", ".tzst"]
        case .bzip2: [".tar.bz2", ".tbz2", ".tbz"]
        case .zip: [".zip"]
        }
    }

    /// nil where the name tells nothing.
    init?(name: String) {
        let name = name.lowercased()
        guard let format = Self.allCases.first(where: { $0.suffixes.contains { name.hasSuffix($0) } }) else {
            return nil
        }
        self = format
    }

    /// Defines what the scripts of an archive use:
    ///
    /// - `list ARCHIVE FORMAT`: in `$list` a line a member, `PERMISSIONS SIZE NAME`, with ` -> TARGET` for a symbolic link
    ///   and ` link to OTHER` for a hard one; names are as they are, in GNU's tar and busybox's. Fails, and says why in
    ///   `$problem`, where something to read it with is missing, it is not whole, or a member would lead out of the
    ///   directory or is nothing that anybody wants from an archive.
    /// - `names STRIP`: of such lines, the members' names without their first parts.
    /// - `contents ARCHIVE FORMAT`: all files' contents, one after the other.
    /// - `through ARCHIVE FORMAT COMMAND…`: runs a command on the tar's own bytes; fails also where they are not whole.
    static let functions: Script = #"""
        lacks() {
            command -v "$1" >/dev/null && return 1
            printf '%s\n' "$1 is not on the node, and the archive cannot be read without it" \
                "hint: put a package task for $2 before this one" >&2
        }
        ready() {
            case $2 in
            tar.gz) lacks gzip gzip && return 1 ;;
            tar.xz) lacks xz xz-utils && return 1 ;;
            tar.zst) lacks zstd zstd && return 1 ;;
            tar.bz2) lacks bzip2 bzip2 && return 1 ;;
            zip)
                lacks unzip unzip && return 1
                unzip -v 2>/dev/null | grep -q Info-ZIP || {
                    printf '%s\n' "unzip of the node is not Info-ZIP's" "hint: put a package task for unzip before this one" >&2
                    return 1
                }
                return 0 ;;
            esac
            ! lacks tar tar
        }
        plain() {
            case $2 in
            tar) cat ;;
            tar.gz) gzip -dc ;;
            tar.xz) xz -dc ;;
            tar.zst) zstd -dcq ;;
            tar.bz2) bzip2 -dc ;;
            esac <"$1"
        }
        gnu=
        if tar --version 2>/dev/null | grep -q GNU; then gnu=yes; fi
        through() {
            archive=$1 format=$2
            shift 2
            { said=$({ { plain "$archive" "$format" 2>&4 || echo bad >&3; } | "$@" >&5 2>&4 || echo bad >&3; } 3>&1); } 4>&2 5>&1
            [ -z "$said" ]
        }
        listing() {
            case $2 in
            zip)
                # Made elsewhere than on Unix it tells no kind, and fewer permissions: a name with a slash at its end is a
                # directory's.
                { unzip -Z -l "$1" && echo .; } |
                    sed -e 's/^[-?]\([^ ]* .*[^/]\)$/-\1/' -e 's/^[-?]\([^ ]* .*\/\)$/d\1/' -e 's/^\([-d]\)[^ ]\{3,8\} /\1rw-r--r-- /' |
                    sed -n -e '/^\.$/p' -e 's/^\([-dlbcps][-rwxsStT]\{9\}\) *[^ ]* *[^ ]* *\([0-9]*\) *[^ ]* *[^ ]* *[^ ]* *[^ ]* *[^ ]* /\1 \2 /p' ;;
            *)
                if [ "$gnu" ]; then
                    { through "$1" "$2" tar -P --quoting-style=literal --numeric-owner -tvf - && echo .; } | columns
                else
                    # Its hard links look like files without content.
                    { through "$1" "$2" tar -tvf - && echo .; } | columns |
                        sed 's/^-\([^ ]*\) 0 \(.*\) -> /h\1 0 \2 link to /'
                fi ;;
            esac
        }
        # The listing in $list; where it is not whole, $problem says why.
        list() {
            problem=$(ready "$1" "$2" 2>&1)
            list=
            [ -z "$problem" ] || return 1
            list=$(listing "$1" "$2" 2>/dev/null)
            case $list in
            *"
        .") list=${list%??} ;;
            *)
                list=
                problem=$({ listing "$1" "$2" >/dev/null; } 2>&1)
                problem=${problem:-it holds nothing}
                return 1 ;;
            esac
            problem=$(unsafe "$1" "$2")
            problem=${problem:+it holds $problem}
            [ -z "$problem" ]
        }
        columns() { sed 's/^\([^ ]*\)  *[^ ]*  *\([0-9,]*\) *[^ ]* *[^ ]* /\1 \2 /'; }
        bare() { sed -e '/^l/s/ -> .*//' -e '/^h/s/ link to .*//' -e 's/^[^ ]* [^ ]* //'; }
        names() { bare | sed -n -e 's#^/*##' -e "s#^\\([^/]*/\\{1,\\}\\)\\{$1\\}##p" | grep .; }
        unsafe() {
            member=$(printf '%s\n' "$list" | sed -n '/^[-dlh]/!{s/^[^ ]* [^ ]* //p;q;}')
            [ -z "$member" ] || { printf '%s\n' "$member, a device or a pipe"; return; }
            member=$({ printf '%s\n' "$list" | bare; printf '%s\n' "$list" | sed -n 's/^h.* link to //p'; } |
                grep -e '^/' -e '^\.\./' -e '^\.\.$' -e '/\.\./' -e '/\.\.$' | head -n 1)
            # busybox's tar lists names as it would unpack them, and says what it took away.
            [ -n "$member$gnu" ] || [ "$2" = zip ] ||
                member=$({ through "$1" "$2" tar -tf - >/dev/null; } 2>&1 | sed -n "s/.*removing leading '\(.*\)'.*/\1…/p" | head -n 1)
            [ -z "$member" ] || printf '%s\n' "$member, which leads out of the directory"
        }
        contents() {
            case $2 in
            zip) unzip -p "$1" ;;
            *) through "$1" "$2" tar -xOf - ;;
            esac
        }
        """#
}
