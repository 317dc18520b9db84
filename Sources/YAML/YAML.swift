import Model

/// YAML as Ansible's users write it: YAML 1.1 scalars as PyYAML reads them, with the place of every node.
public enum YAML {
    /// How deep a document may nest, aliases followed. Far beyond any real file, and safe for every recursion over it.
    public static let greatestDepth = 200
    /// How many nodes aliases may add to one file, so that a few nested ones cannot fill the memory.
    public static let mostAliasedNodes = 1_000_000

    /// The documents of a file. One that is strict JSON is read by JSON's rules, as Ansible does.
    ///
    /// - Parameter file: its path as the user gave it, for errors and origins.
    /// - Throws: the first mistake in syntax, encoding or size, with its line and a caret.
    public static func parse(_ bytes: [UInt8], file: String) throws(InputErrors) -> [YAMLNode] {
        let source = YAMLSource(file: file, bytes: bytes)
        if let error = source.encodingError() { throw InputErrors(error) }
        if let json = JSONDocument.read(source) { return [json] }
        return try EventParser.documents(of: source)
    }

    /// The one document of a file as a value; null where the file holds none.
    ///
    /// - Throws: also where there is more than one document, and every mistake that `YAMLNode.value()` finds.
    public static func value(_ bytes: [UInt8], file: String) throws(InputErrors) -> Value {
        let documents = try parse(bytes, file: file)
        if documents.count > 1 {
            throw InputErrors(documents[1].error("a second document: only one is read here"))
        }
        guard let document = documents.first else { return Value.null.at(Origin(file: file, line: 1, column: 1)) }
        return try document.value()
    }

    /// The value as a YAML document in block style, its keys in their order, that YAML 1.1 and 1.2 readers read alike.
    public static func emit(_ value: Value) -> String {
        var emitter = Emitter()
        emitter.document(value)
        return emitter.text
    }
}
