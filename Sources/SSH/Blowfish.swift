/// The cipher Blowfish, for the key derivation of OpenSSH's encrypted keys; its tables are the digits of pi.
struct Blowfish {
    /// 18 round keys, then four boxes of 256 words.
    private var words: [UInt32]

    init() { words = Self.initial }

    private static let initial = PiDigits.words(18 + 4 * 256)

    /// Works a key, and a salt where there is one, into the tables: bcrypt's expensive step.
    mutating func expand(key: [UInt8], salt: [UInt8] = []) {
        let keyWords = Self.cycle(key)
        let saltWords = salt.isEmpty ? [] : Self.cycle(salt)
        words.withUnsafeMutableBufferPointer { words in
            for i in 0..<18 { words[i] ^= keyWords[i % keyWords.count] }
            var left: UInt32 = 0
            var right: UInt32 = 0
            var next = 0
            var i = 0
            while i < words.count {
                if !saltWords.isEmpty {
                    left ^= saltWords[next]
                    right ^= saltWords[next &+ 1]
                    next = (next &+ 2) % saltWords.count
                }
                Self.encrypt(&left, &right, words)
                words[i] = left
                words[i &+ 1] = right
                i &+= 2
            }
        }
    }

    mutating func encrypt(_ left: inout UInt32, _ right: inout UInt32) {
        words.withUnsafeMutableBufferPointer { Self.encrypt(&left, &right, $0) }
    }

    @inline(__always)
    private static func encrypt(
        _ left: inout UInt32, _ right: inout UInt32, _ words: UnsafeMutableBufferPointer<UInt32>
    ) {
        var l = left ^ words[0]
        var r = right
        var i = 1
        while i < 17 {
            r ^= mixed(l, words) ^ words[i]
            l ^= mixed(r, words) ^ words[i &+ 1]
            i &+= 2
        }
        left = r ^ words[17]
        right = l
    }

    @inline(__always)
    private static func mixed(_ x: UInt32, _ words: UnsafeMutableBufferPointer<UInt32>) -> UInt32 {
        let a = words[18 &+ Int(x >> 24)]
        let b = words[274 &+ Int(x >> 16 & 0xff)]
        let c = words[530 &+ Int(x >> 8 & 0xff)]
        let d = words[786 &+ Int(x & 0xff)]
        return ((a &+ b) ^ c) &+ d
    }

    /// The bytes as big-endian words, gone through as often as it takes to use whole words.
    private static func cycle(_ bytes: [UInt8]) -> [UInt32] {
        let count = bytes.count % 4 == 0 ? bytes.count / 4 : bytes.count
        return (0..<count).map { word in
            (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[(word * 4 + $1) % bytes.count]) }
        }
    }
}

/// Digits of pi behind the point, as binary words, by Machin's formula: 16 arctan(1/5) - 4 arctan(1/239).
enum PiDigits {
    static func words(_ count: Int) -> [UInt32] {
        // Word 0 is the whole part; the spare words at the end take up what the divisions round off.
        var pi = [UInt32](repeating: 0, count: count + 4)
        add(arctangentOfInverse(5, times: 16, size: pi.count), to: &pi)
        subtract(arctangentOfInverse(239, times: 4, size: pi.count), from: &pi)
        return Array(pi[1...count])
    }

    private static func arctangentOfInverse(_ x: UInt64, times factor: UInt32, size: Int) -> [UInt32] {
        var power = [UInt32](repeating: 0, count: size)
        power[0] = factor
        var from = 0
        divide(&power, by: x, from: &from)
        var sum = power
        var odd: UInt64 = 1
        var isAdded = false
        while from < size {
            divide(&power, by: x * x, from: &from)
            odd += 2
            var term = power
            var start = from
            divide(&term, by: odd, from: &start)
            if isAdded { add(term, to: &sum) } else { subtract(term, from: &sum) }
            isAdded.toggle()
        }
        return sum
    }

    /// Long division; `from` is the first word that is not zero, and moves on.
    private static func divide(_ number: inout [UInt32], by divisor: UInt64, from: inout Int) {
        let start = from
        number.withUnsafeMutableBufferPointer { words in
            var rest: UInt64 = 0
            var i = start
            while i < words.count {
                let value = rest << 32 | UInt64(words[i])
                words[i] = UInt32(truncatingIfNeeded: value / divisor)
                rest = value % divisor
                i &+= 1
            }
        }
        while from < number.count, number[from] == 0 { from += 1 }
    }

    private static func add(_ other: [UInt32], to number: inout [UInt32]) {
        number.withUnsafeMutableBufferPointer { words in
            var carry: UInt64 = 0
            var i = words.count - 1
            while i >= 0 {
                let sum = UInt64(words[i]) &+ UInt64(other[i]) &+ carry
                words[i] = UInt32(truncatingIfNeeded: sum)
                carry = sum >> 32
                i &-= 1
            }
        }
    }

    private static func subtract(_ other: [UInt32], from number: inout [UInt32]) {
        number.withUnsafeMutableBufferPointer { words in
            var borrow: Int64 = 0
            var i = words.count - 1
            while i >= 0 {
                let difference = Int64(words[i]) &- Int64(other[i]) &- borrow
                words[i] = UInt32(truncatingIfNeeded: difference)
                borrow = difference < 0 ? 1 : 0
                i &-= 1
            }
        }
    }
}
