/// A drawing in Graphviz' language.
enum DotText {
    static func render(_ drawing: GraphDrawing) -> String {
        var lines = [
            "digraph kubani {", "  rankdir=LR;", "  node [shape=box, style=rounded, fontname=\"sans-serif\"];",
            "  graph [fontname=\"sans-serif\"];",
        ]
        for (h, host) in drawing.hosts.enumerated() {
            lines += ["  subgraph cluster_\(h) {", "    label=\(quoted(host.name));"]
            for (r, role) in host.roles.enumerated() {
                lines += ["    subgraph cluster_\(h)_\(r) {", "      label=\(quoted(role.name));"]
                lines += role.vertices.map { "      t\($0) [\(attributes(drawing.vertices[$0]))];" }
                lines.append("    }")
            }
            lines.append("  }")
        }
        lines += drawing.edges.map { "  t\($0.from) -> t\($0.to);" }
        return (lines + ["}"]).map { $0 + "\n" }.joined()
    }

    private static func attributes(_ vertex: GraphDrawing.Vertex) -> String {
        var all = ["label=\(quoted(vertex.label))"]
        if vertex.isHandler { all.append("shape=hexagon") }
        switch vertex.kind {
        case .task: break
        case .conditional: all.append("style=\"\(vertex.isHandler ? "" : "rounded,")dashed\"")
        case .skipped: all.append("style=dotted, color=gray, fontcolor=gray")
        }
        return all.joined(separator: ", ")
    }

    /// A double-quoted string; a backslash would begin one of dot's escapes.
    private static func quoted(_ text: String) -> String {
        var out = "\""
        for character in text {
            switch character {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n", "\r\n": out += "\\n"
            default: out.append(character)
            }
        }
        return out + "\""
    }
}
