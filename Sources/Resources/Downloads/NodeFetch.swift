import Model

/// How a node itself fetches a file of the network, with the curl or wget that it has: into a partial file beside the
/// target, which is gone on with after a cut and trusted only by its hash.
struct NodeFetch: Sendable, Hashable {
    var file: RemoteFile
    /// What the file is fetched for: the partial file lies beside it, and its name tells target and content apart, so
    /// that what is left of another version is never gone on with.
    var target: String
    /// What else could be done where the node does not reach the network.
    var otherwise: String?
    /// The rest before the first further try, in seconds; it doubles each time.
    var pause = 1

    /// How long a fetch may take.
    static let deadline: Duration = .seconds(1800)

    /// Beside the target, and nobody's but root's: what is written by a name can be led elsewhere in a folder of somebody
    /// else's.
    private var folder: String { ".kubani-\(sha256(Array(target.utf8)).prefix(16))" }

    /// Where the file lies until it is whole.
    var partial: String {
        let above = parent(of: target)
        return "\(above == "/" ? "" : above)/\(folder)/\(file.sha256.prefix(16))"
    }

    /// Runs in the folder of the target, entered by `NodeWay`. Ends with the file, whole and verified, at `$partial` in a
    /// folder below it, where it then is; or fails and says why on standard error.
    var script: Script {
        #"""
        url=\#(file.url)
        from=\#(file.shownText)
        want=\#(file.sha256)
        partial=./\#(String(file.sha256.prefix(16)))
        otherwise=\#(otherwise ?? "")
        \#(tool)
        \#(Self.functions)
        folder=${here:-/}
        # As it was kept before: beside the target.
        rm -f -- ./\#(self.folder).*
        own \#(self.folder) || { stop; exit 1; }
        # What is removed below is kubani's own, or nothing is.
        case $here in */\#(self.folder)) ;; *) exit 1 ;; esac
        # What was fetched to here stays for the next run; a folder without anything does not.
        kept=$here
        trap 'rmdir -- "$kept" 2>/dev/null' EXIT
        umask 077
        for old in ./????????????????; do [ "$old" = "$partial" ] || rm -f -- "$old"; done
        tries=0
        best=0
        size
        sum=
        if [ "$size" -gt 0 ]; then sum; fi
        until [ "$sum" = "$want" ]; do
            had=$size
            fetch
            size
            if [ "$status" = 0 ]; then
                [ -e "$partial" ] || : >"$partial"
                sum
                [ "$sum" != "$want" ] || break
                [ "$had" -gt 0 ] || mismatch
                # What was there before may be what is wrong with it.
                why="what came does not fit what was there"
                size=0
            else
                judge
            fi
            [ "$size" -gt 0 ] || rm -f -- "$partial"
            if [ "$size" -gt "$best" ]; then best=$size tries=0; fi
            tries=$((tries + 1))
            [ "$tries" -lt 5 ] || give_up
            sleep $((\#(pause) << (tries - 1)))
        done
        """#
    }

    /// curl and GNU's wget read the URL from their standard input, so that a token in it stays out of the list of
    /// processes; busybox's wget takes it as an argument only.
    private var tool: Script {
        let busybox: Script =
            file.holdsSecret
            ? """
            echo "neither curl nor GNU wget is on the node to download with, and the URL is secret" >&2
            echo "hint: put a package task for curl before this one" >&2
            exit 1
            """ : "tool=busybox"
        return """
            if command -v curl >/dev/null; then
                tool=curl
            elif command -v wget >/dev/null; then
                if wget --version 2>/dev/null | grep -q GNU; then tool=wget; else
                    \(busybox)
                fi
            else
                echo "neither curl nor wget is on the node to download with" >&2
                echo "hint: put a package task for curl before this one${otherwise:+, or $otherwise}" >&2
                exit 1
            fi
            """
    }

    private static let functions: Script = #"""
        fail() { printf '%s\n' "$@" >&2; exit 1; }
        size() { size=0; [ ! -e "$partial" ] || size=$(stat -c %s -- "$partial"); }
        sum() { sum=$(sha256sum <"$partial") || fail "$here/${partial#./} cannot be read"; sum=${sum%% *}; }
        # The last HTTP status of what the program said.
        code() {
            code=$(printf '%s\n' "$said" |
                sed -n -e 's/^ *HTTP\/[-0-9.]* \([1-5][0-9][0-9]\).*/\1/p' -e 's/.*error: HTTP\/[0-9.]* \([1-5][0-9][0-9]\).*/\1/p' |
                tail -n 1)
        }
        # Where the answer sends the program on, in $next.
        onward() {
            next=$(printf '%s\n' "$said" | tr -d '\r' | sed -n 's/^ *[Ll]ocation: *\([^ ]*\).*/\1/p' | tail -n 1)
            case $next in
            http://* | https://*) ;;
            //*) next=${at%%:*}:$next ;;
            /*) root=${at#*://} next=${at%%:*}://${root%%/*}$next ;;
            *) base=${at%%[?#]*} next=${base%/*}/$next ;;
            esac
            case $at,$next in https://*,http://*) insecure ;; esac
            at=$next
        }
        insecure() { rm -f -- "$partial"; fail "$from leads from https to http, which is not followed"; }
        # One try: $status, $code, and what the program said.
        fetch() {
            set --
            case $url in https://*) safe='=https' ;; *) safe='=http,https' ;; esac
            case $tool in
            curl)
                [ "$had" = 0 ] || set -- -C -
                said=$(printf 'url = "%s"\n' "$url" | curl -sS -f -L -K - --proto "$safe" --proto-redir "$safe" --connect-timeout 30 \
                    --speed-limit 100 --speed-time 60 -w 'HTTP/- %{http_code}\n' -o "$partial" "$@" 2>&1) ;;
            wget)
                [ "$had" = 0 ] || set -- -c
                at=$url hops=0
                # wget would follow to anywhere: each step is looked at first.
                while :; do
                    said=$(printf '%s\n' "$at" | wget -nv -S -t 1 -T 60 --max-redirect=0 -O "$partial" "$@" -i - 2>&1)
                    status=$?
                    code
                    hops=$((hops + 1))
                    case $code in 301 | 302 | 303 | 307 | 308) [ "$hops" -gt 10 ] || { onward; continue; } ;; esac
                    break
                done
                return
                ;;
            busybox)
                [ "$had" = 0 ] || set -- -c
                # Without -T, which crashes those of Debian.
                said=$(wget -q -S -O "$partial" "$@" "$url" 2>&1)
                set -- "$?"
                # It cannot be told where not to go: what came from there is not taken.
                case $url in https://*)
                    printf '%s\n' "$said" | grep -qi '^ *location: *http:' && insecure ;;
                esac
                (exit "$1")
                ;;
            esac
            status=$?
            code
        }
        # What a try that failed means: to be tried again with what is there, from the beginning, or not at all.
        judge() {
            why=$(printf '%s\n' "$said" | grep -v '^ \|^HTTP/\|^$' | tail -n 1)
            why=${why:-the connection broke off}
            case $code in
            408 | 425 | 429 | 500 | 502 | 503 | 504) why="$from answers with HTTP status $code"; return ;;
            416) size=0; return ;;
            401 | 403) rm -f -- "$partial"; fail "$from answers with HTTP status $code" "hint: is a login or a token needed there?" ;;
            404 | 410) rm -f -- "$partial"; fail "$from answers with HTTP status $code" "hint: is the version right, and is there such a file for the node's architecture?" ;;
            [345]??) rm -f -- "$partial"; fail "$from answers with HTTP status $code" ;;
            esac
            case $tool$status:$said in
            curl1:*) insecure ;;
            # The server gives no part of a file.
            curl33:* | curl36:*) size=0 ;;
            curl23:* | wget3:* | *'No space left'* | *'short write'* | *'write error'*) full ;;
            *certificate*) fail "$from: $why" "hint: are ca-certificates installed, and is the node's clock right?" ;;
            esac
        }
        full() {
            set -- $(df -Pk -- "$folder" 2>/dev/null | tail -n 1)
            rm -f -- "$partial"
            [ "${4:-0}" -ge 1024 ] || fail "the disk that holds $folder is full: ${4:-no} KiB were left after $size bytes of the file" "hint: make room there, then apply again; df -h shows what is full"
            fail "$here/${partial#./} could not be written: $why"
        }
        mismatch() {
            begin=$(head -c 512 <"$partial" | tr -d '\000' | tr A-Z a-z)
            rm -f -- "$partial"
            case $begin in
            *'<!doctype html'* | *'<html'*)
                fail "$from gives an HTML page, not the file" "hint: the page of a login or a proxy? See what a browser shows there" ;;
            esac
            fail "SHA-256 of what $from gives ($size bytes):" "expected $want, got $sum" \
                "hint: is the checksum that of another version or architecture, or has the file been replaced there?"
        }
        give_up() {
            [ "$size" = 0 ] || printf '%s\n' "$size bytes are kept in $here/${partial#./} for the next run" >&2
            fail "$from could not be fetched, tried $tries times: $why" \
                "hint: does the node reach it, through its DNS and proxy?${otherwise:+ Otherwise $otherwise}"
        }
        """#
}
