import Model

extension Mount {
    public func difference(from found: Found) -> Difference {
        found.way.failure ?? found.way.noting(differenceThere(from: found))
    }

    private func differenceThere(from found: Found) -> Difference {
        if let file = found.fstab.entry, file.kind != .file || found.fstab.content == nil {
            return .fails(cause: "\(Self.fstab) is not a file, or could not be read", hint: nil)
        }
        guard let old = String(validating: found.fstab.content ?? [], as: UTF8.self) else {
            return .fails(cause: "\(Self.fstab) is not UTF-8", hint: nil)
        }
        var new = old
        if let entry { new = entry.put(into: old) }
        if state == .absent { new = FstabEntry.removing(path, from: old) }
        var details: [Detail] = []
        if new != old || (entry != nil && found.fstab.entry == nil) {
            details.append(
                .text(
                    Self.fstab, from: found.fstab.entry.map { _ in found.fstab.shown(Array(old.utf8)) },
                    to: found.fstab.shown(Array(new.utf8))))
        }
        let isWritten = !details.isEmpty
        let deed = deed(found, FstabEntry.at(path, in: old), &details)
        if details.isEmpty {
            return .none(
                state == .mounted
                    ? "mounted, \(found.now?.type ?? "")" : state == .present ? "in \(Self.fstab)" : "not mounted")
        }
        var steps: [Step] = []
        if isWritten {
            steps.append(.run(guarding(found), deadline: .seconds(30)))
            steps.append(
                .write(FileWrite(path: found.fstab.target, content: .bytes(Array(new.utf8)))))
        }
        steps.append(.run(acting(deed, putsBack: isWritten ? (old, found.fstab) : nil), deadline: .seconds(300)))
        let isGone = state == .absent || state == .unmounted
        let action: Action = isGone ? .delete : FstabEntry.at(path, in: old) == nil ? .create : .update
        return .change(Change(action, details: details, steps: steps))
    }

    /// What is to be done beside the file.
    private enum Deed { case nothing, mount, remount, replace, unmount }

    private func deed(_ found: Found, _ old: FstabEntry?, _ details: inout [Detail]) -> Deed {
        switch state {
        case .present: return .nothing
        case .unmounted, .absent:
            guard let now = found.now else { return .nothing }
            details.append(.attribute("mounted", from: Shown(now.source), to: nil))
            return .unmount
        case .mounted: break
        }
        guard let entry else { return .nothing }
        guard let now = found.now else {
            details.append(.attribute("mounted", from: nil, to: Shown(entry.source)))
            if found.entries > 0 {
                details.append(
                    .note("hides the \(found.entries) \(found.entries == 1 ? "entry" : "entries") that \(path) has now")
                )
            }
            return .mount
        }
        if now.isOther(than: entry, device: found.device, isSame: found.isSame) {
            details.append(
                .attribute(
                    "mounted", from: Shown("\(now.source), \(now.type)"), to: Shown("\(entry.source), \(entry.type)")))
            return .replace
        }
        if let old, old.source != entry.source || old.type != entry.type {
            details.append(.attribute("mounted", from: Shown(old.source), to: Shown(entry.source)))
            return .replace
        }
        let missing = now.missing(of: entry.options)
        if !missing.isEmpty {
            details.append(.attribute("mounted with", from: nil, to: Shown(missing.joined(separator: ","))))
            return .remount
        }
        if let old, old.options != entry.options {
            details.append(.note("remounts \(path)"))
            return .remount
        }
        return .nothing
    }

    /// Fails where /etc/fstab is no longer what was looked at.
    private func guarding(_ found: Found) -> Script {
        guard let sha256 = found.fstab.sha256 else { return "[ ! -e \(found.fstab.target) ]" }
        return """
            now=$(sha256sum <\(found.fstab.target)) || exit 1
            if [ "${now%% *}" != \(sha256) ]; then echo "it has changed since it was looked at" >&2; exit 1; fi
            """
    }

    private func acting(_ deed: Deed, putsBack old: (text: String, file: EditedFile)?) -> Script {
        let reload: Script = "if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi"
        let back: Script =
            old.map { old in
                """
                printf '%s' \(old.text) >\(old.file.target + ".kubani") && chmod \(octal(old.file.entry?.mode ?? 0o644)) \(old.file.target + ".kubani") && mv -f -- \(old.file.target + ".kubani") \(old.file.target)
                \(reload)
                """
            } ?? ":"
        let act: Script =
            switch deed {
            case .nothing: ":"
            case .mount: "mount -- \(path)"
            case .remount: "mount -o remount -- \(path)"
            case .replace: "umount -- \(path) && mount -- \(path)"
            case .unmount: "umount -- \(path)"
            }
        let folder: Script =
            deed == .mount ? "\(NodeWay.functions)\numask 022\nenter \(path) make || stop\ncd /" : ":"
        return """
            \(old == nil ? ":" : reload)
            \(folder)
            \(act) || {
            status=$?
            \(back)
            exit "$status"
            }
            """
    }
}
