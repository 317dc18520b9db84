import Model
import OrderedCollections

/// What is said of a new node on the command line, as variables.
struct NodeDescription {
    var gpu = false
    var reservedCPU: String?
    var reservedMemory: String?
    var labels: [String] = []
    var taints: [String] = []
    var user: String?

    /// - Throws: every label and taint that cannot be read. Whether Kubernetes takes them is asked later.
    func variables() throws(InputErrors) -> OrderedDictionary<String, Value> {
        var variables: OrderedDictionary<String, Value> = [:]
        var errors: [InputError] = []
        if let user { variables["ansible_user"] = .string(user) }
        if gpu { variables["gpu"] = true }
        if let reservedCPU { variables["reserved_cpu"] = .string(reservedCPU) }
        if let reservedMemory { variables["reserved_memory"] = .string(reservedMemory) }
        var all: OrderedDictionary<String, Value> = [:]
        for text in Self.parts(labels) {
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                errors.append(InputError("--labels: '\(text)' is no label", hint: "write key=value"))
                continue
            }
            let key = String(text[..<equals])
            if all.updateValue(.string(String(text[text.index(after: equals)...])), forKey: key) != nil {
                errors.append(InputError("--labels: the label '\(key)' is there twice"))
            }
        }
        if !all.isEmpty { variables["node_labels"] = .map(all) }
        var list: [Value] = []
        for text in Self.parts(taints) {
            do throws(InputErrors) { list.append(try Self.taint(text)) } catch { errors += error.errors }
        }
        if !list.isEmpty { variables["node_taints"] = .list(list) }
        if !errors.isEmpty { throw InputErrors(errors) }
        return variables
    }

    private static func parts(_ lists: [String]) -> [String] {
        lists.flatMap { $0.split(separator: ",").map { $0.trimmingPrefix(while: \.isWhitespace) }.map(String.init) }
            .filter { !$0.isEmpty }
    }

    /// `key=value:effect` or `key:effect`.
    private static func taint(_ text: String) throws(InputErrors) -> Value {
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else {
            throw InputErrors(
                InputError("--taints: '\(text)' is no taint", hint: "write key=value:effect or key:effect"))
        }
        let pair = text[..<colon].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        var taint: OrderedDictionary<String, Value> = ["key": .string(String(pair[0]))]
        if pair.count == 2 { taint["value"] = .string(String(pair[1])) }
        taint["effect"] = .string(String(text[text.index(after: colon)...]))
        return .map(taint)
    }
}
