extension TaskGraph {
    /// For each vertex, those of its predecessors that no longer way leads from: the fewest edges that say the same. For
    /// people who look at it.
    public var reducedPredecessors: [[Int]] {
        var before = Array(repeating: VertexSet(count: ids.count), count: ids.count)
        var reduced: [[Int]] = Array(repeating: [], count: ids.count)
        for v in order {
            var indirect = VertexSet(count: ids.count)
            for p in predecessors[v] { indirect.formUnion(before[p]) }
            reduced[v] = predecessors[v].filter { !indirect.contains($0) }
            before[v] = indirect
            for p in predecessors[v] { before[v].insert(p) }
        }
        return reduced
    }
}

/// Vertices, a bit each: a graph of some thousand has as many sets of as many.
private struct VertexSet {
    private var words: [UInt64]

    init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

    func contains(_ v: Int) -> Bool { words[v / 64] >> UInt64(v % 64) & 1 == 1 }
    mutating func insert(_ v: Int) { words[v / 64] |= 1 << UInt64(v % 64) }
    mutating func formUnion(_ other: VertexSet) {
        for i in words.indices { words[i] |= other.words[i] }
    }
}
