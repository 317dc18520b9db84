import Model
import OrderedCollections
import Resources
import Template

/// Brings a role to a host: loops unrolled, handlers put in their places, each task ready to be resolved.
struct Expansion {
    let role: Role
    let host: String
    let site: Site
    private let scope: VariableScope
    private(set) var errors: [InputError] = []

    init(role: Role, host: String, site: Site) {
        self.role = role
        self.host = host
        self.site = site
        scope = site.scope(host: host, role: role.name, defaults: role.defaults)
    }

    private struct Expanded {
        var place: TemplateOnHost
        var name: String
        var item: Value?
        var isHandler = false
        var notifiers: [Int] = []
    }

    mutating func tasks() -> [HostTask] {
        var list: [Expanded] = []
        for template in role.tasks {
            let place = place(template)
            for item in items(of: template) {
                list.append(Expanded(place: place, name: name(of: template, item: item), item: item))
            }
        }
        insertHandlers(into: &list)
        let ids = list.enumerated().map { i, entry in
            TaskID(host: host, role: role.name, position: i, name: entry.name)
        }
        return list.enumerated().map { i, entry in
            task(entry, id: ids[i], handles: entry.isHandler ? entry.notifiers.map { ids[$0] } : nil)
        }
    }

    private func place(_ template: TaskTemplate) -> TemplateOnHost {
        TemplateOnHost(role: role, template: template, host: host, site: site, scope: scope)
    }

    /// A handler stands right after the last task that notifies it.
    private func insertHandlers(into list: inout [Expanded]) {
        for handler in role.handlers {
            let name = handler.name.string ?? ""
            guard let last = list.lastIndex(where: { $0.place.template.notify.contains(name) && !$0.isHandler }) else {
                continue
            }
            list.insert(Expanded(place: place(handler), name: name, isHandler: true), at: last + 1)
        }
        for i in list.indices where list[i].isHandler {
            list[i].notifiers = list.indices.filter {
                !list[$0].isHandler && list[$0].place.template.notify.contains(list[i].name)
            }
        }
    }

    private mutating func items(of template: TaskTemplate) -> [Value?] {
        guard let forEach = template.forEach else { return [nil] }
        do throws(InputErrors) {
            let value = try render(forEach, in: scope, cache: site.templates)
            if let unknown = value.unknowns.first {
                // Without a host's facts (a role check without hosts) its loops cannot be unrolled; that is no mistake.
                if site.facts[host] == nil { return [] }
                throw InputErrors(
                    InputError(
                        "for_each: the list must be known beforehand, and \(unknown.because)", at: forEach.origin))
            }
            // The whole is secret: so is each part.
            if let items = value.list { return items.map { $0.sensitive(value.isSensitive) } }
            if let entries = value.map {
                return entries.map { entry in
                    Value(.map(["key": .string(entry.key), "value": entry.value]), isSensitive: value.isSensitive)
                }
            }
            throw InputErrors(
                InputError("for_each: a list or a map is needed, not \(value.typeName)", at: forEach.origin))
        } catch {
            errors += error.errors
            return []
        }
    }

    private mutating func name(of template: TaskTemplate, item: Value?) -> String {
        guard let text = template.name.string else { return template.name.description }
        guard Template.isNeeded(for: text) else {
            return item.flatMap(Self.label).map { "\(text) (\($0))" } ?? text
        }
        do throws(InputErrors) {
            return try render(
                template.name, in: TemplateOnHost.scope(scope, item: item), cache: site.templates
            ).description
        } catch {
            errors += error.errors
            return text
        }
    }

    /// What tells one item of a loop from the others.
    private static func label(_ item: Value) -> String? {
        if item.map == nil || item.isSensitive { return item.description }
        return (item["name"] ?? item["key"])?.description
    }

    /// Whether the task need not wait for its host's turn: what cannot be told yet waits.
    private func isAhead(_ template: TaskTemplate, item: Value?) -> Bool {
        [role.ahead, template.ahead].contains { conditions in
            !conditions.isEmpty
                && conditions.allSatisfy {
                    (try? $0.expression.isTrue(in: TemplateOnHost.scope(scope, item: item))) == .yes
                }
        }
    }

    private func task(_ entry: Expanded, id: TaskID, handles: [TaskID]?) -> HostTask {
        let template = entry.place.template
        let resolver = Resolver(place: entry.place, item: entry.item)
        return HostTask(
            id: id, kind: template.kind, origin: template.origin, tags: entry.place.tags, notifies: template.notify,
            handles: handles, exports: template.exports.compactMap { resolver.export($0) }, retry: template.retry,
            timeout: template.timeout, ignoresErrors: template.ignoresErrors, rolling: template.rolling,
            isAhead: isAhead(template, item: entry.item), isConditional: resolver.isConditional,
            resolve: { resolver.resolve(id, $0) })
    }
}
