import Foundation
import Model
import TestSupport

/// The real PyYAML, asked about many documents at once; an answer spells each value's type and exact content.
enum PyYAML {
    /// One answer a document: a spelling as `spelling(of:)` has it, or nil where PyYAML refuses the document.
    static func read(_ documents: [String]) async throws -> [String?] {
        let request = try JSONEncoder().encode(documents)
        let result = try await Program.run(
            Repository.python, ["-c", program], stdin: String(decoding: request, as: UTF8.self))
        guard result.status == 0 else { throw Failed(stderr: result.stderr) }
        return try JSONDecoder().decode([String?].self, from: Data(result.stdout.utf8))
    }

    struct Failed: Error { var stderr: String }

    static func spelling(of value: Value) -> String {
        switch value.content {
        case .null: "null"
        case .bool(let b): b ? "true" : "false"
        case .int(let i): "int \(i)"
        case .double(let d): d.isNaN ? "nan" : "float " + String(d.bitPattern, radix: 16)
        case .string(let s): "text " + s.utf8.map { String($0, radix: 16) }.joined(separator: ".")
        case .list(let items): "[" + items.map(spelling).joined(separator: ", ") + "]"
        case .map(let m):
            "{" + m.map { spelling(of: .string($0.key)) + ": " + spelling(of: $0.value) }.joined(separator: ", ") + "}"
        case .unknown: "unknown"
        }
    }

    /// SafeLoader but for timestamps, which stay text; keys as JSON shows them.
    private static let program = #"""
        import json, struct, sys, yaml

        class Loader(yaml.SafeLoader):
            pass

        Loader.yaml_implicit_resolvers = {
            first: [(tag, regexp) for tag, regexp in all if not tag.endswith((":timestamp", ":value"))]
            for first, all in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

        def spell(v):
            if v is None: return "null"
            if v is True: return "true"
            if v is False: return "false"
            if isinstance(v, int):
                return "int %d" % v
            if isinstance(v, float):
                return "nan" if v != v else "float " + format(struct.unpack(">Q", struct.pack(">d", v))[0], "x")
            if isinstance(v, str): return "text " + ".".join(format(b, "x") for b in v.encode())
            if isinstance(v, list): return "[" + ", ".join(map(spell, v)) + "]"
            if isinstance(v, dict):
                return "{" + ", ".join(
                    spell(k if isinstance(k, str) else json.dumps(k)) + ": " + spell(x) for k, x in v.items()) + "}"
            raise TypeError(type(v))

        def read(text):
            try:
                return spell(yaml.load(text, Loader))
            except (yaml.YAMLError, ValueError):
                return None

        print(json.dumps([read(text) for text in json.load(sys.stdin)]))
        """#
}
