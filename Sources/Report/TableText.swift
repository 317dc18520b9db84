/// Rows under a header, each column as wide as its widest cell.
public enum TableText {
    /// - Parameter rows: as many cells each as the header has.
    /// - Returns: lines, each ended, without blanks at their ends.
    public static func render(_ header: [String], _ rows: [[String]], style: Style = .plain) -> String {
        let rows = rows.map { $0.map(\.printable) }
        let widths = header.indices.map { column in
            ([header] + rows).map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }
            var line = padded.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
        return ([style.tinted(line(header), .bold)] + rows.map(line)).map { $0 + "\n" }.joined()
    }
}

/// "1 host", "2 hosts".
public func counted(_ count: Int, _ thing: String) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }
