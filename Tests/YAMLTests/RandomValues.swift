import Model
import OrderedCollections

/// Random values from a seed (SplitMix64).
struct RandomValues: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private static let alphabet = Array(
        "aZ09 _-:#,.'\"\\\n\n\t[]{}&*!|>%@`~=<?/é\u{85}\u{A0}\u{2028}\u{FEFF}\u{1F600}\u{1}\r".unicodeScalars)

    mutating func text() -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...8, using: &self) {
            scalars.append(Self.alphabet.randomElement(using: &self) ?? "a")
        }
        return String(scalars)
    }

    mutating func value(depth: Int) -> Value {
        switch Int.random(in: 0...(depth > 0 ? 8 : 5), using: &self) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &self))
        case 2: return .int(Int(truncatingIfNeeded: next()) >> Int.random(in: 0...63, using: &self))
        case 3:
            let double = Double(bitPattern: next())
            return .double(double.isNaN ? 0.1 : double)
        case 4, 5: return .string(text())
        case 6: return .list((0..<Int.random(in: 0...4, using: &self)).map { _ in value(depth: depth - 1) })
        default:
            var map: OrderedDictionary<String, Value> = [:]
            for _ in 0..<Int.random(in: 0...4, using: &self) { map[text()] = value(depth: depth - 1) }
            return .map(map)
        }
    }
}
