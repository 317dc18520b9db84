/// Rows under a header, each column as wide as its widest cell.
public enum TableText {
    public struct Row: Sendable, Equatable {
        /// As many as the header has.
        public var cells: [String]
        /// By the number of the cell.
        public var tints: [Int: Style.Tint]
        /// Lines below the row, indented.
        public var notes: [String]

        public init(_ cells: [String], tints: [Int: Style.Tint] = [:], notes: [String] = []) {
            self.cells = cells
            self.tints = tints
            self.notes = notes
        }
    }

    /// - Parameter rows: as many cells each as the header has.
    /// - Returns: lines, each ended, without blanks at their ends.
    public static func render(_ header: [String], _ rows: [[String]], style: Style = .plain) -> String {
        render(header, rows.map { Row($0) }, style: style)
    }

    /// As for plain cells, with colours, and notes below.
    public static func render(_ header: [String], _ rows: [Row], style: Style = .plain) -> String {
        let cells = rows.map { $0.cells.map(\.line) }
        let widths = header.indices.map { column in
            ([header] + cells).map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        func line(_ cells: [String], _ tints: [Int: Style.Tint] = [:]) -> String {
            // What follows the last cell that has something would be blanks at the line's end.
            let last = cells.lastIndex { !$0.isEmpty } ?? 0
            return zip(cells, widths).enumerated().prefix(last + 1).map { column, cell in
                let blanks = column == last ? 0 : cell.1 - cell.0.count
                let text = tints[column].map { style.tinted(cell.0, $0) } ?? cell.0
                return text + String(repeating: " ", count: max(0, blanks))
            }.joined(separator: "  ")
        }
        var lines = [style.tinted(line(header), .bold)]
        for (row, cells) in zip(rows, cells) {
            lines.append(line(cells, row.tints))
            lines += row.notes.map { "    " + style.tinted($0.line, .dim) }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}

extension String {
    /// Printable, and on one line.
    fileprivate var line: String { printable.split(whereSeparator: \.isNewline).joined(separator: " ") }
}

/// "1 host", "2 hosts".
public func counted(_ count: Int, _ thing: String) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }
