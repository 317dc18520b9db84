import Model
import OrderedCollections
import Resources
import YAML

/// Reads a role's file; every mistake in it at once.
struct RoleReader {
    /// What could be read, and what is wrong.
    struct Reading {
        /// Without the tasks that cannot be read; nil where not even its hosts can be told.
        var role: Role?
        var errors: [InputError]
        /// Those of the tasks that cannot be read, too.
        var exportNames: Set<String> = []
    }

    let file: String
    let folder: String
    private var errors: [InputError] = []
    private var exportNames: Set<String> = []
    /// Of all tasks and handlers, also of those that cannot be read: one mistake does not lead to others.
    private var notified: Set<String> = []
    private var handlerNames: Set<String> = []

    static func read(_ bytes: [UInt8], file: String, folder: String) -> Reading {
        let documents: [YAMLNode]
        do throws(InputErrors) { documents = try YAML.parse(bytes, file: file) } catch {
            return Reading(errors: error.errors)
        }
        guard documents.count == 1, let document = documents.first else {
            return Reading(errors: [
                InputError("a role is one YAML document", at: Origin(file: file, line: 1, column: 1))
            ])
        }
        var reader = RoleReader(file: file, folder: folder)
        let role = reader.role(document)
        return Reading(role: role, errors: reader.errors, exportNames: reader.exportNames)
    }

    private init(file: String, folder: String) {
        self.file = file
        self.folder = folder
    }

    private mutating func role(_ node: YAMLNode) -> Role? {
        var keys = MappingReader(node, within: "role")
        let name = keys.string("role")
        let folderName = folder.split(separator: "/").last.map(String.init)
        if let name, let folderName, name != folderName {
            keys.report(node.error("the role is called '\(name)', its folder '\(folderName)'", hint: "name both alike"))
        }
        let defaults = keys.value("defaults")
        if let defaults, defaults.map == nil, !defaults.isNull {
            keys.report(InputError("role: 'defaults' needs a map", at: defaults.origin))
        }
        let summary = keys.string("summary") ?? ""
        let hostsOrigin = keys.child("hosts")?.origin
        let hosts = keys.string("hosts")
        let after = keys.strings("after")
        let consults = keys.string("consults")
        let isOnDemand = keys.bool("on_demand") ?? false
        let tags = keys.strings("tags")
        let conditions = self.conditions(&keys)
        var rolling = keys.value("rolling")
        // A template's text is checked where it is rendered.
        if let given = rolling, given.string == nil, (given.int ?? 0) < 1 {
            keys.report(InputError("role: 'rolling' needs a whole number from 1", at: given.origin))
            rolling = nil
        }
        let ahead = self.conditions(&keys, "ahead")
        let tasks = (keys.child("tasks")?.items ?? []).compactMap { task($0, isHandler: false) }
        let handlers = (keys.child("handlers")?.items ?? []).compactMap { task($0, isHandler: true) }
        for key in ["tasks", "handlers"] {
            if let list = node[key], list.items == nil { keys.report(list.error("role: '\(key)' needs a list")) }
        }
        if name == nil { keys.report(node.error("role: 'role' is missing", hint: "its name, as its folder's")) }
        if hosts == nil {
            keys.report(node.error("role: 'hosts' is missing", hint: "a group of the inventory, or all"))
        }
        keys.reportUnknownKeys()
        errors += keys.errors
        checkNotifications(tasks, handlers)
        guard let hosts else { return nil }
        return Role(
            name: folderName ?? "", summary: summary, folder: folder, hosts: hosts, hostsOrigin: hostsOrigin,
            after: after,
            consults: consults, isOnDemand: isOnDemand, defaults: defaults?.named("").map ?? [:], tags: tags,
            conditions: conditions, rolling: rolling,
            ahead: ahead, tasks: tasks,
            handlers: handlers, origin: node.origin)
    }

    private mutating func task(_ node: YAMLNode, isHandler: Bool) -> TaskTemplate? {
        let what = isHandler ? "handler" : "task"
        var keys = MappingReader(node, within: what)
        let name = keys.value("name")
        let conditions = self.conditions(&keys)
        let forEach = isHandler ? nil : keys.value("for_each")
        let tags = keys.strings("tags")
        let notify = keys.strings("notify")
        let exports = isHandler ? [] : self.exports(&keys)
        let retry = Retry(
            times: keys.int("retries", from: 0) ?? 0, delay: keys.duration("delay", .pause) ?? .seconds(5))
        let timeout = keys.duration("timeout")
        let ignoresErrors = keys.bool("ignore_errors") ?? false
        let rolling = isHandler ? nil : keys.int("rolling", from: 1)
        let ahead = isHandler ? [] : self.conditions(&keys, "ahead")
        if isHandler, let name = name?.string { handlerNames.insert(name) } else { notified.formUnion(notify) }
        keys.reportUnknownKeys(also: catalog.map { $0.name })
        if name == nil { keys.report(node.error("\(what): 'name' is missing")) }

        let kinds = catalog.filter { node[$0.name] != nil }
        if kinds.count > 1 {
            let names = kinds.map { $0.name }.joined(separator: ", ")
            keys.report(node.error("\(what): more than one kind: \(names)", hint: "a task does one thing: split it"))
        } else if kinds.isEmpty, node.entries != nil {
            let all = catalog.map { $0.name }.joined(separator: ", ")
            keys.report(node.error("\(what): it has no kind", hint: "one of: \(all)"))
        }
        defer { errors += keys.errors }
        guard let kind = kinds.first, let arguments = keys.value(kind.name) else { return nil }
        for error in TaskTemplate.mistakes(in: arguments, kind: kind) { keys.report(error) }
        return TaskTemplate(
            name: name ?? "", kind: kind, arguments: arguments.at(arguments.origin ?? node.origin),
            conditions: conditions, forEach: forEach, tags: tags, notify: notify, exports: exports, retry: retry,
            timeout: timeout, ignoresErrors: ignoresErrors, rolling: rolling, ahead: ahead, origin: node.origin)
    }

    private func conditions(_ keys: inout MappingReader, _ key: String = "when") -> [Condition] {
        guard let value = keys.value(key), !value.isNull else { return [] }
        return (value.list ?? [value]).compactMap { item in
            do throws(InputErrors) { return try Condition(item.at(item.origin ?? value.origin)) } catch {
                keys.report(error)
                return nil
            }
        }
    }

    private mutating func exports(_ keys: inout MappingReader) -> [ExportTemplate] {
        guard let node = keys.child("export") else { return [] }
        return (node.entries ?? []).compactMap { entry in
            let name = entry.key.text ?? ""
            exportNames.insert(name)
            var fields = MappingReader(entry.value, within: "export.\(name)")
            let read = fields.value("read")
            let isSensitive = fields.bool("sensitive") ?? false
            let file = fields.value("file")
            fields.reportUnknownKeys()
            if read?.string == nil { fields.report(entry.value.error("export.\(name): 'read' needs a script")) }
            for error in fields.errors { keys.report(error) }
            return read.map { ExportTemplate(name: name, read: $0, isSensitive: isSensitive, file: file) }
        }
    }

    /// Every notified handler is there, and every handler is notified.
    private mutating func checkNotifications(_ tasks: [TaskTemplate], _ handlers: [TaskTemplate]) {
        for task in tasks {
            for name in task.notify where !handlerNames.contains(name) {
                errors.append(
                    InputError(
                        "task: it notifies '\(name)', which is no handler of the role", at: task.origin,
                        hint: nearestName(to: name, among: handlerNames).map { "did you mean '\($0)'?" }))
            }
        }
        for handler in handlers {
            let name = handler.name.string ?? ""
            if !notified.contains(name) {
                errors.append(InputError("handler: no task notifies '\(name)'", at: handler.origin))
            }
        }
    }
}
