import Model

/// What a `block` task makes of a file's bytes: the lines between its two markers, and the markers. All other lines
/// keep every byte.
struct BlockEdit: Sendable, Hashable {
    /// The lines before and after, without their ends.
    var begin: String
    var end: String
    /// The lines between them, without their ends; nil where the block is to be gone.
    var lines: [String]?
    var place: LineEdit.Place

    /// The file's content as it should be; the same bytes where it is so already. A block that is there stays where it
    /// is, whatever `place` says.
    ///
    /// - Throws: `InputError` where the markers do not make one block: what lies between them is not ours to guess.
    func applied(to content: [UInt8]) throws(InputError) -> [UInt8] {
        var all = TextLine.split(content)
        let place = try found(in: all)
        guard let lines else {
            if let place { all.removeSubrange(place) }
            return all.flatMap { $0.body + $0.end }
        }
        let bodies = ([begin] + lines + [end]).map { Array($0.utf8) }
        if let place {
            // Its own way to end lines stays, also that of a last line without an end.
            let newline = all[place.lowerBound].end
            let last = all[place.upperBound - 1].end
            var block = bodies.map { TextLine(body: $0, end: newline) }
            block[block.count - 1].end = last
            all.replaceSubrange(place, with: block)
        } else {
            TextLine.insert(bodies, at: try self.place.index(in: all), of: &all)
        }
        return all.flatMap { $0.body + $0.end }
    }

    /// Where the block is, markers and all; nil where there is none.
    private func found(in all: [TextLine]) throws(InputError) -> Range<Int>? {
        let begins = places(of: begin, in: all)
        let ends = places(of: end, in: all)
        switch (begins.count, ends.count) {
        case (0, 0): return nil
        case (1, 1) where begins[0] < ends[0]: return begins[0]..<ends[0] + 1
        case (1, 1): throw broken("'\(end)' comes before '\(begin)'")
        case (0, _): throw broken("'\(end)' is there without '\(begin)'")
        case (_, 0): throw broken("'\(begin)' is there without '\(end)'")
        default: throw broken("'\(begin)' is there \(begins.count) times and '\(end)' \(ends.count) times")
        }
    }

    private func broken(_ why: String) -> InputError {
        InputError(why, hint: "put the markers right by hand: what lies between them may be somebody's")
    }

    /// Blanks at the end of a marker do not count: editors add and take them.
    private func places(of marker: String, in all: [TextLine]) -> [Int] {
        let wanted = Array(marker.utf8)
        return all.indices.filter { i in
            let body = all[i].body
            let blanks = body.reversed().prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.count
            return body.dropLast(blanks).elementsEqual(wanted)
        }
    }
}
