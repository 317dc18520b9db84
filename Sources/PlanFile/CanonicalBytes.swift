import Model
import OrderedCollections

/// The bytes that a seal is made of: every part with its length before it, so that no two different things give the same.
struct CanonicalBytes {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ texts: String...) { for text in texts { add(Array(text.utf8)) } }

    private mutating func add(_ part: [UInt8]) {
        add(part.count)
        bytes += part
    }

    private mutating func add(_ number: Int) {
        withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).littleEndian) { bytes += $0 }
    }

    private mutating func add(_ duration: Duration) {
        add(Int(duration.components.seconds))
        add(Int(duration.components.attoseconds / 1_000_000_000))
    }

    /// What it does and what is shown of it, secrets as they are.
    mutating func add(_ change: Change) {
        add(change.action.name)
        add(change.steps.count)
        for step in change.steps { add(step) }
        add(change.details.count)
        for detail in change.details { add(detail) }
    }

    private mutating func add(_ detail: Detail) {
        switch detail {
        case .attribute(let name, let from, let to):
            add("attribute", name)
            add(from)
            add(to)
        case .text(let name, let from, let to):
            add("text", name)
            add(from)
            add(to)
        case .diff(let name, let text): add("diff", name, text)
        case .note(let text): add("note", text)
        }
    }

    private mutating func add(_ shown: Shown?) {
        guard let shown else { return add("nothing") }
        add("shown", shown.revealed)
    }

    private mutating func add(_ step: Step) {
        switch step {
        case .run(let script, let deadline):
            add("run", script.text)
            add(deadline)
        case .lookAhead(let script, let deadline):
            add("look ahead", script.text)
            add(deadline)
        case .write(let file):
            add("write", file.path, file.owner ?? "-", file.group ?? "-")
            add(file.mode.map { Int($0) } ?? -1)
            add(file.makesFolder ? "folder" : "-")
            switch file.replaces {
            case nil: add("anything")
            case .nothing: add("nothing")
            case .file(let sha256): add("file", sha256)
            }
            switch file.content {
            case .bytes(let content): add(content)
            // By what is in it: the laptop may keep it elsewhere next time.
            case .local(_, let length, let sha256):
                add("local", sha256)
                add(length)
            case .fetched(let url, let sha256): add("fetched", url, sha256)
            }
        case .cluster(let deed): add(deed)
        case .reboot(let deadline):
            add("reboot")
            add(deadline)
        }
    }

    private mutating func add(_ deed: ClusterDeed) {
        switch deed {
        case .patch(let path, let type, let body):
            add("patch", path, type.rawValue)
            add(body)
        case .apply(let object):
            add("apply")
            add(object)
        case .delete(let path): add("delete", path)
        case .deleteManifest(let object):
            add("delete manifest")
            add(object)
        case .drain(let order):
            add("drain", order.node, order.reason, order.isCordoned ? "cordoned" : "")
            add(order.timeout)
        case .wait(let goal, let timeout):
            add("wait")
            add(goal)
            add(timeout)
        }
    }

    private mutating func add(_ goal: ClusterGoal) {
        add(goal.path)
        switch goal {
        case .nodeReady(_, let version): add("ready", version ?? "")
        case .allocatable(_, let resource, let least):
            add("allocatable", resource)
            add(least)
        case .condition(_, let type, let status): add("condition", type, status)
        case .rolledOut: add("rolled out")
        case .gone: add("gone")
        case .annotated(_, let key): add("annotated", key)
        }
    }

    private mutating func add(_ value: Value) {
        switch value.content {
        case .null: add("null")
        case .bool(let bool): add(bool ? "true" : "false")
        case .int(let int):
            add("int")
            add(int)
        case .double(let double):
            add("double")
            add(Int(truncatingIfNeeded: double.bitPattern))
        case .string(let text): add("string", text)
        case .list(let items):
            add("list")
            add(items.count)
            for item in items { add(item) }
        case .map(let entries):
            add("map")
            add(entries.count)
            for (key, entry) in entries.sorted(by: { $0.key < $1.key }) {
                add(key)
                add(entry)
            }
        case .unknown(let unknown): add("unknown", unknown.because)
        }
    }
}
