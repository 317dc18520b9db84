import Model

/// Which units' conditions (`ConditionPathExists=` and its like) do not hold now: systemd skips the start of such a unit
/// without an error.
enum UnitConditions {
    /// Prints one field: of each unit that is not active and whose conditions fail, a line with its name, and what
    /// systemd says of them in lines that begin with a space. `$units` holds what `systemctl show` said of all.
    static func look(at units: [String]) -> Script {
        if units.isEmpty { return "printf '\\0'" }
        return """
            case $units in
            *ConditionResult=no*)
                for unit in \(units); do
                    case $(systemctl show --property=ActiveState,LoadState -- "$unit") in *inactive*) ;; *) continue ;; esac
                    said=$(LC_ALL=C systemd-analyze condition --unit="$unit" 2>&1) && continue
                    case $said in *" failed."*) printf '%s\\n' "$unit"; printf '%s\\n' "$said" | sed 's/^/ /' | tr -d '\\000' ;; esac
                done
                ;;
            esac
            printf '\\0'
            """
    }

    /// - Returns: what does not hold, by unit: "ConditionPathExists=/etc/app.conf".
    static func read(_ fields: inout FieldReader) throws(Failure) -> [String: String] {
        var unmet: [String: [String]] = [:]
        var unit = ""
        for line in try fields.nextLineText().split(separator: "\n") {
            guard line.hasPrefix(" ") else {
                unit = String(line)
                unmet[unit] = []
                continue
            }
            // `app.service: ConditionPathExists=/etc/app.conf failed.`
            guard let colon = line.firstRange(of: ": Condition"), line.hasSuffix(" failed.") else { continue }
            unmet[unit, default: []].append(String(line[colon.lowerBound...].dropFirst(2).dropLast(8)))
        }
        return unmet.mapValues { $0.isEmpty ? "its conditions" : $0.reversed().joined(separator: ", ") }
    }
}
