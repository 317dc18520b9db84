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
        if status.needsReload, !unitChanges, !dropInsChange {
            details.append(.note("its files have changed since systemd read them"))
        }
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
        // Files of ours that systemd has not read yet: a run may have been killed after it wrote them.
        let rewritten = unitChanges || dropInsChange || (status.needsReload && !texts.isEmpty)
        change.deed = deed(status, rewritten: rewritten, details: &details)

        if details.isEmpty { return .none(settled(status)) }
        if change.isNeeded { steps.append(change.step) }
        let isNew = !status.exists && unitFile != nil
        return .change(Change(isNew ? .create : .update, details: details, steps: steps))
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
            esac
            """
    }
}
