/// A value found on one host and handed to tasks on others: read by a script after its task is as desired.
public struct Export: Sendable, Hashable {
    /// `HOST/NAME`, unique in a run.
    public var key: String
    /// Prints the value; one trailing newline is dropped.
    public var read: Script
    public var isSensitive: Bool
    /// The file that the value comes from: only what changes this file changes the value. nil where that cannot be told.
    public var file: String?

    public init(host: String, name: String, read: Script, isSensitive: Bool, file: String? = nil) {
        self.key = Self.key(host: host, name: name)
        self.read = read
        self.isSensitive = isSensitive
        self.file = file
    }

    public static func key(host: String, name: String) -> String { "\(host)/\(name)" }
}

extension Export {
    /// The value that the export's script printed, one trailing newline dropped.
    public func value(from output: [UInt8]) -> Value {
        var bytes = output[...]
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return Value(.string(String(decoding: bytes, as: UTF8.self)), isSensitive: isSensitive)
    }
}

/// The exported values known so far, by `Export.key`.
public struct Exports: Sendable {
    private var values: [String: Value]
    /// The facts of hosts where this run changes some: they go above those that were read in the beginning.
    public var facts: [String: Value] = [:]

    public init(_ values: [String: Value] = [:]) { self.values = values }

    /// The value, or an unknown one that names its source.
    public func value(host: String, name: String) -> Value {
        let key = Export.key(host: host, name: name)
        return values[key] ?? .unknown(Unknown(because: "\(name) is exported by \(host)", sources: [key]))
    }

    public var isEmpty: Bool { values.isEmpty && facts.isEmpty }
    /// All that are known, in the order of their keys.
    public var all: [Value] { values.sorted { $0.key < $1.key }.map(\.value) }
    public func has(_ key: String) -> Bool { values[key] != nil }
    public mutating func set(_ key: String, to value: Value) { values[key] = value }
}
