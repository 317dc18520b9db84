import Model

/// How what an archive holds gets into a folder in which others than root may make links: unpacked into a folder that
/// root alone may enter, and moved from there folder by folder, each entered before (`NodeWay`).
enum ArchivePlacing {
    /// Defines what the script of an `archive` uses in the directory, `$base`, with the list of members in `$list`.
    static let functions: Script = #"""
        # All folders that the members lie in, below the directory.
        memberFolders() {
            printf '%s\n' "$list" | names "$strip" | sed -e 's#/*$##' -e ':a' -e 's#/*[^/]*$##' -e '/./!d' -e 'p' -e 'ba' | LC_ALL=C sort -u
        }
        # A tar that goes by names does where nobody else may make a link, nor will by what is handed over.
        isRootsAlone() {
            [ -z "$account" ] || return 1
            others=$({ printf '.\0'; { memberFolders; printf '%s\n' "$list" | grep '^d' | names "$strip" | sed 's#/*$##'; } | sed 's#^#./#' | tr '\n' '\0'; } |
                xargs -0 stat -c '%f/%u' -- 2>/dev/null | grep -v '^4.[02468ace][014589cd]/0$')
            [ -z "$others" ]
        }
        # An archive that somebody else may write to is copied first: what was looked through is what is unpacked.
        whole() {
            case $(stat -L -c '%f/%u' /proc/self/fd/9) in 8?[02468ace][014589cd]/0) return ;; esac
            own "$work" || stop
            cat <&9 >./archive && exec 9<./archive
            status=$?
            rm -f ./archive
            cd .. && rmdir -- "./$work" && where && [ "$status" = 0 ] || exit 1
        }
        clearWork() { enter "${base:-/}" && cd -P -- "./$work" 2>/dev/null && where && [ "$here" = "$base/$work" ] && rm -rf -- ./new && cd .. && rmdir -- "./$work"; enter "${base:-/}"; }
        # What was unpacked below descriptor 8 at $1 goes to the folder that is here.
        place() {
            for entry in "/proc/self/fd/8/$1"* "/proc/self/fd/8/$1".[!.]* "/proc/self/fd/8/$1"..?*; do
                file=${entry##*/}
                # A directory that is not there yet comes whole.
                if [ -d "$entry" ] && [ ! -L "$entry" ] && { [ -e "./$file" ] || [ -L "./$file" ]; }; then
                    (
                    enter "$here/$file" || stop
                    if printf '%s\n' "$list" | grep '^d' | names "$strip" | sed -e 's#/*$##' -e 's#^\./##' | grep -Fqx -e "$1$file"; then
                        [ -z "$account" ] || chown -- "$account" . || exit
                        [ -z "$mode" ] || chmod -- "$mode" . || exit
                    fi
                    place "$1$file/"
                    ) || { refused=; exit 1; }
                elif [ -e "$entry" ] || [ -L "$entry" ]; then over "$entry" "./$file" || stop
                fi
            done
        }
        """#
}
