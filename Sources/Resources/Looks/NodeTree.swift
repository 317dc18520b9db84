import Model

/// How a script goes through all that is below a folder of a node; needs `NodeWay`, and starts in the folder that was
/// entered.
enum NodeTree {
    /// Defines `ownTree ACCOUNT`, for the folder that is here and all below it, and `removeTree NAME`. GNU's programs go
    /// by what they have opened; others go by names, which may lead elsewhere by then, so there each folder is entered.
    static let functions: Script = #"""
        isGNU() { "$1" --version 2>/dev/null | grep -q GNU; }
        deeper() {
            was=$here
            cd -P -- "./$1" 2>/dev/null && where && [ "$here" = "$was/$1" ] || { astray "$was/$1"; stop; }
        }
        ownTree() {
            if isGNU chown; then chown -hR -- "$1" .; return; fi
            for entry in ./* ./.[!.]* ./..?*; do
                if [ -d "$entry" ] && [ ! -L "$entry" ]; then (deeper "${entry#./}"; ownTree "$1") || return
                elif [ -e "$entry" ] || [ -L "$entry" ]; then chown -h -- "$1" "$entry" || return
                fi
            done
            chown -- "$1" .
        }
        removeTree() {
            if isGNU rm; then rm -rf -- "./$1"; return; fi
            if [ -L "./$1" ] || [ ! -d "./$1" ]; then rm -f -- "./$1"; return; fi
            (
                deeper "$1"
                for entry in ./* ./.[!.]* ./..?*; do
                    if [ -e "$entry" ] || [ -L "$entry" ]; then removeTree "${entry#./}" || exit; fi
                done
            ) && rmdir -- "./$1"
        }
        """#
}
