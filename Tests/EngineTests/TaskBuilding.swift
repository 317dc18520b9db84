import Model
import OrderedCollections
import Resources
import TaskGraph

/// A task of a real kind, its fields given plainly.
func task(
    _ host: String, _ role: String, _ position: Int, _ name: String? = nil, kind: String = "command",
    _ fields: Value = ["script": ":", "check": "false"], notifies: [String] = [], handles: [TaskID]? = nil,
    exports: [Export] = [], rolling: Int? = nil, ignoresErrors: Bool = false, retry: Retry = Retry(),
    uses: (host: String, name: String)? = nil
) -> HostTask {
    let id = TaskID(host: host, role: role, position: position, name: name ?? "\(role) \(position)")
    guard let kind = catalog.first(where: { $0.name == kind }) else { preconditionFailure("no kind \(kind)") }
    return HostTask(
        id: id, kind: kind, tags: [role], notifies: notifies, handles: handles, exports: exports, retry: retry,
        ignoresErrors: ignoresErrors, rolling: rolling
    ) { known in
        var fields = fields
        if let uses {
            let value = known.value(host: uses.host, name: uses.name)
            if case .unknown(let unknown) = value.content { return .unknown(unknown) }
            if case .map(var entries) = fields.content {
                entries["content"] = value
                fields = .map(entries)
            }
        }
        return make(kind, fields)
    }
}

private func make<Kind: ResourceKind>(_ kind: Kind.Type, _ fields: Value) -> Resolution {
    do throws(InputErrors) {
        return .resource(
            try Kind(try Arguments(fields, kind: kind.name, fields: kind.fields, shorthand: kind.shorthand)),
            secrecy: Secrecy(of: fields, isSensitive: fields.containsSensitive))
    } catch {
        return .invalid(error)
    }
}
