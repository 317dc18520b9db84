import Model

/// The lines under a change: attributes old → new, texts as unified diffs.
public struct DetailText {
    let style: Style

    public init(style: Style) { self.style = style }

    public func lines(_ details: [Detail]) -> [String] { details.flatMap(lines) }

    private func lines(_ detail: Detail) -> [String] {
        switch detail {
        case .note(let text): return text.printable.split(separator: "\n").map { style.tinted(String($0), .dim) }
        case .attribute(let name, let from, let to):
            let old = from.map { style.tinted($0.description.printable, .red) + " → " } ?? ""
            let new = to.map { style.tinted($0.description.printable, .green) } ?? style.tinted("(gone)", .red)
            return ["\(name): \(old)\(new)"]
        case .text(let name, let from, let to): return text(name, from, to)
        case .diff(let name, let text):
            return diff(name, text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init))
        }
    }

    private func text(_ name: String, _ from: Shown?, _ to: Shown?) -> [String] {
        if from?.isSensitive == true || to?.isSensitive == true { return ["\(name): (sensitive)"] }
        return diff(name, UnifiedDiff.lines(from: from?.description ?? "", to: to?.description ?? ""))
    }

    private func diff(_ name: String, _ lines: [String]) -> [String] {
        ["\(name):"] + lines.map { UnifiedDiff.tinted($0, style, indentation: "  ") }
    }
}
