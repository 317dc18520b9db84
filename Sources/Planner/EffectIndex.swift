import Model

/// Which of many places touch what a look depends on, the nearest of them, without asking each: a plan's growth stays
/// that of its tasks. What overlaps is said by `Effect.overlaps`; the index only finds who may.
struct EffectIndex: Sendable {
    /// The places that touch an effect, in increasing order.
    private var places: [Effect: [Int]] = [:]
    /// For what has a path: the places that touch something below it.
    private var below: [Effect: [Int]] = [:]
    /// The effects that have no path: few, whatever the number of tasks.
    private var pathless: [Effect] = []
    private var all: [Int] = []

    /// - Parameter place: no less than those that were added before.
    mutating func add(_ effects: [Effect], at place: Int) {
        guard !effects.isEmpty else { return }
        all.append(place)
        for effect in Set(effects) {
            if effect.tree == nil, places[effect] == nil { pathless.append(effect) }
            places[effect, default: []].append(place)
            for parent in effect.parents where below[parent]?.last != place {
                below[parent, default: []].append(place)
            }
        }
    }

    /// The last place up to a limit that touches something among these.
    func last(overlapping effects: [Effect], upTo limit: Int) -> Int? {
        var found: Int?
        func offer(_ some: [Int]?) {
            if let place = some.flatMap({ Self.last(of: $0, upTo: limit) }), place > found ?? -1 { found = place }
        }
        for effect in effects {
            if effect == .everything {
                offer(all)
                continue
            }
            for other in pathless where other.overlaps(effect) { offer(places[other]) }
            guard let whole = effect.tree else { continue }
            for other in [effect, whole] + effect.entries + effect.parents where other.overlaps(effect) {
                offer(places[other])
            }
            // Below a directory that is looked at for itself alone nothing counts.
            if effect == whole { offer(below[whole]) }
        }
        return found
    }

    private static func last(of places: [Int], upTo limit: Int) -> Int? {
        if let last = places.last, last <= limit { return last }
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle] <= limit { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? places[low - 1] : nil
    }
}

extension Effect {
    /// The same with all below it, for what has a path.
    fileprivate var tree: Effect? {
        switch self {
        case .path, .cluster: self
        case .entry(let path): .path(path)
        default: nil
        }
    }

    /// The directory alone, for a path.
    fileprivate var entries: [Effect] {
        if case .path(let path) = self { [.entry(path)] } else { [] }
    }

    /// All that this lies in, from the nearest up.
    fileprivate var parents: [Effect] {
        func above(_ path: String) -> [String] {
            var (found, rest) = ([String](), path[...])
            while let slash = rest.lastIndex(of: "/") {
                rest = rest[..<slash]
                found.append(rest.isEmpty ? "/" : String(rest))
            }
            return found.filter { $0 != path }
        }
        return switch self {
        case .path(let path), .entry(let path): above(path).map { .path($0) }
        case .cluster(let path): above(path).map { .cluster($0) }
        default: []
        }
    }
}
