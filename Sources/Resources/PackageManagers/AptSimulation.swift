import Model

/// What apt itself says it would do: it decides alone what else goes or comes with a package.
extension Apt {
    /// `simulate ARGUMENTS…`: leaves what apt-get would do in `simulated`. Its caches are kept out of it, for a look
    /// writes nothing.
    /// `agreed ARGUMENTS…`: ends the script where apt would remove what `planned` does not name.
    static let simulation: Script = #"""
        simulate() {
            simulated=$(LC_ALL=C timeout 50 apt-get -s -q -y $sources -o Debug::NoLocking=1 -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= --allow-remove-essential "$@" 2>&1)
        }
        agreed() {
            [ -n "$planned" ] && simulate "$@" || return 0
            beyond=
            for name in $(printf '%s\n' "$simulated" | sed -n 's/^\(Remv\|Purg\) \([^ ]*\) .*/\2/p'); do
                case " $planned " in *" $name "*) ;; *) beyond="$beyond $name" ;; esac
            done
            [ -n "$beyond" ] || return 0
            echo "apt would remove more than the plan shows:$beyond" >&2
            echo "hint: something has changed on the node since; plan again" >&2
            exit 1
        }
        """#

    /// After `list`: defines `would VERB NAME…`, which prints a field; an empty one where there is nothing to do.
    static let simulating: Script = """
        sources=
        tab='\t'
        provided=" $(printf '%s' "$provided" | tr '\\t,\\n' '   ') "
        \(sourceSelection)
        \(simulation)
        \(wording)
        """

    private static let wording: Script = #"""
        has() {
            while IFS="$tab" read -r status package architecture version; do
                case $status in installed | triggers-*) ;; *) continue ;; esac
                case $1 in "$package" | "$package:$architecture") ;; *) continue ;; esac
                case $version in $2) return 0 ;; esac
            done <<INSTALLED
        $installed
        INSTALLED
            return 1
        }
        lacking() {
            for asked do
                case $asked in *=*) has "${asked%%=*}" "${asked#*=}" || return 0; continue ;; esac
                case $provided in *" $asked "*) continue ;; esac
                has "$asked" '*' || return 0
            done
            return 1
        }
        having() {
            for asked do has "${asked%%=*}" '*' && return 0; done
            return 1
        }
        # The programs that this very session runs by, from the SSH server to this shell, and the login shells on the way.
        session() {
            pid=$$
            while [ "${pid:-0}" -gt 1 ]; do
                program=$(readlink "/proc/$pid/exe") && printf '%s\n%s\n' "$program" "${program#/usr}"
                pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
            done
            getent passwd root $SUDO_USER "$(cat /proc/self/loginuid 2>/dev/null)" | while IFS=: read -r name password uid gid gecos home shell; do
                printf '%s\n%s\n' "$shell" "${shell#/usr}"
            done
        }
        would() {
            case $1 in remove) deed=having ;; *) deed=lacking ;; esac
            options=
            case "$* " in *=*) options=--allow-downgrades ;; esac
            verb=$1
            shift
            if $deed "$@"; then
                simulate "$verb" $options "$@"
                said=$?
                case $said:$simulated in
                [1-9]*'The list of sources could not be read'*) sound 2>/dev/null && simulate "$verb" $options "$@"; said=$? ;;
                esac
                echo "$said"
                printf '%s\n' "$simulated" | grep '^\(Inst\|Remv\|Purg\|E:\) '
                removed=$(printf '%s\n' "$simulated" | sed -n 's/^\(Remv\|Purg\) \([^ ]*\) .*/\2/p')
                if [ -n "$removed" ]; then
                    dpkg-query -W -f '${Package} ${Essential} ${Protected}\n' $removed 2>/dev/null | sed -n 's/^\([^ ]*\) .*yes.*/protected \1/p'
                    dpkg-query -S $(session | sort -u) 2>/dev/null | sed -n 's/^\([a-z0-9][^:, ]*\).*: .*/session \1/p' | sort -u
                fi
            fi
            printf '\0'
        }
        """#

    static func simulate(_ packages: [PackageName], isPresent: Bool) -> Script {
        isPresent ? "would install \(packages.map(\.description))" : "would remove \(packages.map(\.name))"
    }

    static func parse(simulation text: String) -> PackageSimulation? {
        var lines = text.split(separator: "\n")
        guard let status = lines.first.flatMap({ Int($0) }) else { return nil }
        lines.removeFirst()
        var told = PackageSimulation()
        func bare(_ word: Substring) -> String { String(word.filter { !"[]()".contains($0) }) }
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count >= 2 else { continue }
            let name = String(words[1])
            let version = words.count > 2 ? bare(words[2]) : ""
            switch words[0] {
            case "Remv", "Purg": told.removed.append(.init(name: name, version: version))
            case "Inst" where words.count > 3 && words[2].hasPrefix("["):
                told.upgraded.append(.init(name: name, version: "\(version) → \(bare(words[3]))"))
            case "Inst": told.installed.append(.init(name: name, version: version))
            case "protected": told.needed[name] = "the system cannot do without it"
            case "session": told.needed[name] = told.needed[name] ?? "kubani's own session runs by it"
            case "E:": told.mistakes.append(String(line.dropFirst(3)))
            default: continue
            }
        }
        if status == 0 {
            told.mistakes = []
        } else if told.mistakes.isEmpty {
            told.mistakes = ["it ends with \(status)"]
        }
        return told
    }
}
