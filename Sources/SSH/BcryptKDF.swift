import Crypto

/// The key derivation of OpenSSH's encrypted keys: PBKDF2's shape around bcrypt.
enum BcryptKDF {
    static func key(passphrase: [UInt8], salt: [UInt8], rounds: Int, length: Int) -> [UInt8] {
        let blocks = (length + 31) / 32
        let amount = (length + blocks - 1) / blocks
        let hashed = Array(SHA512.hash(data: passphrase))
        var key = [UInt8](repeating: 0, count: length)
        for block in 0..<blocks {
            var numbered = WireWriter(bytes: salt)
            numbered.uint32(UInt32(block + 1))
            var last = hash(hashed, Array(SHA512.hash(data: numbered.bytes)))
            var sum = last
            for _ in 1..<max(1, rounds) {
                last = hash(hashed, Array(SHA512.hash(data: last)))
                for i in sum.indices { sum[i] ^= last[i] }
            }
            // The blocks are dealt out like cards, so that no part of the key can be had for less work.
            for i in 0..<amount where i * blocks + block < length { key[i * blocks + block] = sum[i] }
        }
        return key
    }

    private static func hash(_ passphrase: [UInt8], _ salt: [UInt8]) -> [UInt8] {
        var cipher = Blowfish()
        cipher.expand(key: passphrase, salt: salt)
        for _ in 0..<64 {
            cipher.expand(key: salt)
            cipher.expand(key: passphrase)
        }
        var reader = WireReader("OxychromaticBlowfishSwatDynamite".utf8)
        var words: [UInt32] = []
        while let word = reader.uint32() { words.append(word) }
        for _ in 0..<64 {
            for i in stride(from: 0, to: words.count, by: 2) {
                var (left, right) = (words[i], words[i + 1])
                cipher.encrypt(&left, &right)
                (words[i], words[i + 1]) = (left, right)
            }
        }
        return words.flatMap { word in [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) } }
    }
}
