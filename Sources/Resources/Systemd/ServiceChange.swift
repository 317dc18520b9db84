import Model

extension Service {
    public func difference(from found: Found) -> Difference {
        let status = found.status
        var details: [Detail] = []
        var steps: [Step] = []

        var unitChanges = false
        if let unitFile, let was = found.unitFile, let detail = unitFile.detail(from: was) {
            details.append(detail)
            steps.append(unitFile.write)
            unitChanges = true
        }
        var dropInsChange = false
        for (dropIn, was) in zip(dropIns, found.dropIns) {
            guard let detail = dropIn.detail(from: was) else { continue }
            details.append(detail)
            steps.append(dropIn.write)
            dropInsChange = true
        }
        if !dropIns.isEmpty, dropInsChange {
            steps.insert(.run("mkdir -p -- \("/etc/systemd/system/\(unit).d")", deadline: .seconds(10)), at: 0)
        }

        let willExist = status.exists || unitFile != nil
        if !willExist {
            let asksForIt = isEnabled == true || state == .running || state == .restarted || state == .reloaded
            if asksForIt {
                return .fails(
                    cause: "there is no unit \(unit) on the node",
                    hint: "is its package installed, and is its name right? `systemctl list-unit-files` lists them")
            }
            if details.isEmpty, isMasked != true { return .none("not there") }
        }

        let leavesMask = status.isMasked && isMasked == nil && unitFile == nil
        if leavesMask, isEnabled == true || (state != nil && state != .stopped) {
            return .fails(cause: "\(unit) is masked", hint: "`masked: false` unmasks it")
        }

        var change = ServiceChange(unit: unit, waits: waits)
        if status.isMasked, isMasked == false || unitFile != nil {
            change.mask = false
            details.append(.attribute("masked", from: "yes", to: "no"))
        } else if isMasked == true, !status.isMasked {
            change.mask = true
            details.append(.attribute("masked", from: "no", to: "yes"))
        }
        change.reload = unitChanges || dropInsChange || status.needsReload
        if let isEnabled, !status.isMasked || change.mask == false {
            let wasEnabled = status.exists && status.isEnabled && change.mask != false
            let isSwitchable = wasEnabled ? status.file == "enabled" || status.file == "alias" : true
            if isEnabled, !wasEnabled {
                change.enable = true
                details.append(.attribute("enabled", from: status.exists ? "no" : nil, to: "yes"))
            } else if isEnabled, unitChanges {
                // Its [Install] section may be another now.
                change.enable = true
                change.again = true
            } else if !isEnabled, wasEnabled || status.file == "enabled-runtime", isSwitchable {
                change.enable = false
                details.append(.attribute("enabled", from: "yes", to: "no"))
            }
        }
        // Files of ours that what runs has not read: a run may have been killed after it wrote them.
        let isStale = found.isOutdated || (status.needsReload && !texts.isEmpty)
        if state == .running, let refusal = refusal(status, rewritten: unitChanges || dropInsChange) { return refusal }
        let unmet =
            unitChanges || dropInsChange || isStale
            ? nil : found.unmet.map { "\(unit) does not start: \($0) does not hold" }
        if unmet == nil {
            change.deed = deed(status, rewritten: unitChanges || dropInsChange || isStale, details: &details)
        }
        change.staysUp = state == .running
        if change.deed == .restart, isStale { change.reload = true }
        if status.needsReload, !unitChanges, !dropInsChange, change.deed != .restart {
            details.append(.note("its files have changed since systemd read them"))
        }

        if details.isEmpty { return unmet.map { .warns($0) } ?? .none(settled(status)) }
        if let unmet { details.append(.note(unmet)) }
        if change.isNeeded { steps.append(change.step) }
        let isNew = !status.exists && unitFile != nil
        return .change(
            Change(
                isNew ? .create : .update, details: details, steps: steps,
                begins: change.deed == .start || change.deed == .restart ? [.unit(unit)] : []))
    }

    /// Why a start would be of no use: what never runs for long cannot be held running.
    private func refusal(_ status: UnitStatus, rewritten: Bool) -> Difference? {
        var (type, remains) = (status.type, status.remains)
        if rewritten {
            for line in texts.flatMap({ $0.text.split(separator: "\n") }) {
                let words = line.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
                if words.count == 2, words[0] == "Type" { type = words[1] }
                if words.count == 2, words[0] == "RemainAfterExit" {
                    remains = ["yes", "true", "on", "1"].contains(words[1])
                }
            }
        } else if status.isRunning || status.active == "activating" {
            return nil
        }
        guard type == "oneshot", !remains else { return nil }
        return .fails(
            cause: "\(unit) is a oneshot: it runs to its end and is not running afterwards",
            hint: """
                `RemainAfterExit=yes` lets it count as running; without `state`, `enabled: true` starts it at boot, and a \
                handler with `state: restarted` runs it
                """)
    }

    private func deed(_ status: UnitStatus, rewritten: Bool, details: inout [Detail]) -> ServiceChange.Deed? {
        switch state {
        case .running where !status.isRunning:
            details.append(.attribute("state", from: status.exists ? Shown(status.activity) : nil, to: "running"))
            return rewritten ? .restart : .start
        case .stopped where !status.isStopped:
            details.append(.attribute("state", from: Shown(status.activity), to: "stopped"))
            return .stop
        case .stopped: return nil
        case .running, nil:
            guard rewritten, status.isRunning, isMasked != true else { return nil }
            details.append(.note("restarts, for its files have changed"))
            return .restart
        case .restarted:
            details.append(.note("restarts"))
            return .restart
        case .reloaded:
            details.append(.note("reloads"))
            return .reload
        }
    }

    private func settled(_ status: UnitStatus) -> String {
        var words: [String] = []
        if state != nil { words.append(status.activity) }
        if isEnabled != nil { words.append(status.file.isEmpty ? "not enabled" : status.file) }
        if isMasked != nil { words.append(status.isMasked ? "masked" : "not masked") }
        if unitFile != nil { words.append("unit file as written") }
        if !dropIns.isEmpty { words.append("drop-ins as written") }
        return words.joined(separator: ", ")
    }
}

/// What is done to a unit once its files are in place: all in one script, so that a run that is killed cannot leave a
/// unit reloaded and never restarted.
struct ServiceChange: Sendable, Hashable {
    enum Deed: String, Sendable, Hashable {
        case start, restart, stop
        case reload = "reload-or-restart"
    }

    var unit: String
    var mask: Bool?
    var reload = false
    var enable: Bool?
    /// Whether the links of an earlier `enable` are to be made anew.
    var again = false
    var deed: Deed?
    /// Whether a start is over only when the unit says that it is ready.
    var waits = true
    /// Whether a unit that ended well right after its start counts as one that did not start.
    var staysUp = false

    var isNeeded: Bool { mask != nil || reload || enable != nil || deed != nil }

    /// The unit may take long to say that it is ready, but systemd ends most waits after 90 s.
    var step: Step { .run(script, deadline: .seconds(600)) }

    var script: Script {
        var lines: [Script] = []
        if mask == false { lines.append("systemctl unmask -- \(unit) || exit") }
        if reload { lines.append("systemctl daemon-reload || exit") }
        if enable == true { lines.append("systemctl \(again ? "reenable" : "enable") -- \(unit) || exit") }
        if enable == false { lines.append("systemctl disable -- \(unit) || exit") }
        if let deed { lines.append(perform(deed)) }
        if mask == true { lines.append("systemctl mask --now -- \(unit) || exit") }
        return Script.lines(lines)
    }

    /// A start that conditions keep from happening is none that failed, and is told to whoever watches.
    private var endedWell: Script {
        """
        if said=$(LC_ALL=C systemd-analyze condition --unit=\(unit) 2>&1) || case $said in *" failed."*) false ;; esac; then
            tell >&2
            echo \("\(unit) ended as soon as it had started, with success: it is not running") >&2
            echo \("hint: a unit that runs to its end wants Type=oneshot and RemainAfterExit=yes, a timer or a handler") >&2
            exit 1
        fi
        printf 'note: %s\\n' \("\(unit) was not started, for conditions of it do not hold:") "$said"
        """
    }

    /// A service that ends right after its start counts as one that did not start. What it said last goes to the
    /// standard error, for systemctl itself only says where to look. Where nobody waits here, whoever waits elsewhere
    /// tells that too: a service may end and be started again by systemd until it is let in.
    private func perform(_ deed: Deed) -> Script {
        if deed == .stop { return "systemctl stop -- \(unit) || exit" }
        if !waits {
            return """
                systemctl reset-failed -- \(unit) 2>/dev/null
                systemctl --no-block \(deed.rawValue) -- \(unit) || exit
                """
        }
        return """
            tell() {
                systemctl status --no-pager --full --lines=0 -- \(unit)
                journalctl --no-pager --quiet --lines=20 --output=cat --unit=\(unit)
            }
            systemctl reset-failed -- \(unit) 2>/dev/null
            systemctl \(deed.rawValue) -- \(unit) || { status=$?; tell >&2; exit "$status"; }
            sleep 0.2 2>/dev/null || sleep 1
            case $(systemctl show --property=ActiveState,SubState -- \(unit)) in
            *=failed* | *=auto-restart*) tell >&2; echo \("\(unit) ended as soon as it had started") >&2; exit 1 ;;
            *=inactive*) \(staysUp ? endedWell : Script(":")) ;;
            esac
            """
    }
}
