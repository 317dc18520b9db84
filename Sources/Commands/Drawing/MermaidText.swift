/// A drawing in Mermaid's language, as Markdown viewers show it.
enum MermaidText {
    static func render(_ drawing: GraphDrawing) -> String {
        var lines = ["flowchart LR"]
        for (h, host) in drawing.hosts.enumerated() {
            lines.append("  subgraph h\(h)[\(quoted(host.name))]")
            for (r, role) in host.roles.enumerated() {
                lines.append("    subgraph h\(h)r\(r)[\(quoted(role.name))]")
                for v in role.vertices {
                    let (vertex, label) = (drawing.vertices[v], quoted(drawing.vertices[v].label))
                    lines.append("      t\(v)" + (vertex.isHandler ? "{{\(label)}}" : "(\(label))"))
                }
                lines.append("    end")
            }
            lines.append("  end")
        }
        lines += drawing.edges.map { "  t\($0.from) --> t\($0.to)" }
        for (name, kind, style) in [
            ("conditional", GraphDrawing.Kind.conditional, "stroke-dasharray: 5 5"),
            ("skipped", .skipped, "stroke-dasharray: 2 4,color:#888888"),
        ] {
            let all = drawing.vertices.indices.filter { drawing.vertices[$0].kind == kind }.map { "t\($0)" }
            if all.isEmpty { continue }
            lines += ["  classDef \(name) \(style)", "  class \(all.joined(separator: ",")) \(name)"]
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// Quoted, with Mermaid's own entities for what would end the text or be taken as HTML or Markdown.
    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\n" {
                out += "<br/>"
            } else if "\"#<>&`*_\\".unicodeScalars.contains(scalar) {
                out += "#\(scalar.value);"
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
