import Model
import OrderedCollections

extension Value {
    /// The value with another one at a path of keys and indices; maps are made where there is nothing. nil where the path
    /// leads through something that is neither map nor list, or past a list's end.
    public func setting(_ path: ArraySlice<String>, to new: Value) -> Value? {
        guard let step = path.first else { return new }
        let rest = path.dropFirst()
        switch content {
        case .map(var map):
            guard let value = (map[step] ?? .null).setting(rest, to: new) else { return nil }
            map[step] = value
            return Value(.map(map), isSensitive: isSensitive, origin: origin)
        case .list(var items):
            guard let index = Int(step), (0...items.count).contains(index),
                let value = (index < items.count ? items[index] : .null).setting(rest, to: new)
            else { return nil }
            if index < items.count { items[index] = value } else { items.append(value) }
            return Value(.list(items), isSensitive: isSensitive, origin: origin)
        case .null: return rest.isEmpty ? .map([step: new]) : Value.null.setting(rest, to: new).map { .map([step: $0]) }
        default: return nil
        }
    }

    /// The value without what is at a path.
    ///
    /// - Parameter emptied: stands for what has nothing left in it.
    public func removing(_ path: ArraySlice<String>, emptied: Value) -> Value? {
        guard let step = path.first else { return nil }
        let rest = path.dropFirst()
        switch content {
        case .map(var map):
            guard let value = map[step] else { return nil }
            if rest.isEmpty {
                map[step] = nil
            } else {
                guard let left = value.removing(rest, emptied: emptied) else { return nil }
                map[step] = left
            }
            return rest.isEmpty && map.isEmpty ? emptied : .map(map)
        case .list(var items):
            guard let index = Int(step), items.indices.contains(index) else { return nil }
            if rest.isEmpty {
                items.remove(at: index)
            } else {
                guard let left = items[index].removing(rest, emptied: emptied) else { return nil }
                items[index] = left
            }
            return rest.isEmpty && items.isEmpty ? emptied : .list(items)
        default: return nil
        }
    }

    /// What is at a path; a part of a secret is secret.
    public func value(at path: some Sequence<String>) -> Value? {
        var value = self
        for step in path {
            let isSecret = value.isSensitive
            switch value.content {
            case .map(let map):
                guard let next = map[step] else { return nil }
                value = next.sensitive(isSecret)
            case .list(let items):
                guard let index = Int(step), items.indices.contains(index) else { return nil }
                value = items[index].sensitive(isSecret)
            default: return nil
            }
        }
        return value
    }

    /// Whether both hold the same data, whatever the order of keys; not a number is the same as itself here.
    public func isSame(as other: Value) -> Bool {
        switch (content, other.content) {
        case (.map(let a), .map(let b)):
            a.count == b.count && a.allSatisfy { key, value in b[key].map { value.isSame(as: $0) } ?? false }
        case (.list(let a), .list(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1) }
        case (.double(let a), .double(let b)): a == b || a.isNaN && b.isNaN
        default: content == other.content
        }
    }
}
