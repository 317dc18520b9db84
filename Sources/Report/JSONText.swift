import Model
import OrderedCollections

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Values as JSON, secrets hidden, keys sorted so that one run prints the same text as the next.
public enum JSONText {
    /// On one line.
    public static func line(_ value: Value) -> String { encode(value, [.sortedKeys, .withoutEscapingSlashes]) }

    /// Indented, for people.
    public static func pretty(_ value: Value) -> String {
        encode(value, [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted])
    }

    private static func encode(_ value: Value, _ format: JSONEncoder.OutputFormatting) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = format
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        // The strategies above leave nothing that could fail to encode.
        let data = (try? encoder.encode(Encoded(value: value))) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ text: String) { stringValue = text }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Encoded: Encodable {
        let value: Value

        func encode(to encoder: any Encoder) throws {
            var single: any SingleValueEncodingContainer { encoder.singleValueContainer() }
            if value.isSensitive {
                var container = single
                return try container.encode(value.description)
            }
            switch value.content {
            case .list(let items):
                var container = encoder.unkeyedContainer()
                for item in items { try container.encode(Encoded(value: item)) }
            case .map(let entries):
                var container = encoder.container(keyedBy: Key.self)
                for (key, entry) in entries { try container.encode(Encoded(value: entry), forKey: Key(key)) }
            case .null:
                var container = single
                try container.encodeNil()
            case .bool(let bool):
                var container = single
                try container.encode(bool)
            case .int(let int):
                var container = single
                try container.encode(int)
            case .double(let double):
                var container = single
                try container.encode(double)
            case .string, .unknown:
                var container = single
                try container.encode(value.description)
            }
        }
    }
}
