/// What a server says it can do: its first packet, which comes in the clear (RFC 4253, section 7.1).
struct ServerOffer: Sendable, Hashable {
    private var lists: [[String]]

    /// - Parameter bytes: what the server sent from the beginning; nil where its offer is not among it.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        // Lines of any kind may come before the one that says who it is.
        while true {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            let line = rest[..<end]
            rest = rest[(end + 1)...]
            if line.starts(with: "SSH-".utf8) { break }
        }
        var reader = WireReader(rest)
        // The packet's length and that of its padding, its type, a cookie.
        guard reader.uint32() != nil, reader.byte() != nil, reader.byte() == 20, reader.take(16) != nil else {
            return nil
        }
        lists = []
        for _ in 0..<6 {
            guard let list = reader.text() else { return nil }
            lists.append(list.split(separator: ",").map(String.init))
        }
    }

    /// What can be used for one kind, in both directions where there are two.
    func algorithms(_ kind: AlgorithmKind) -> [String] {
        switch kind {
        // Words that are no algorithms stand among them.
        case .exchange: lists[0].filter { !$0.hasPrefix("ext-info-") && !$0.hasPrefix("kex-strict-") }
        case .hostKey: lists[1]
        case .cipher: lists[2].filter(lists[3].contains)
        case .mac: lists[4].filter(lists[5].contains)
        }
    }
}

/// Why two sides found no algorithm in common, for people.
struct Disagreement: Sendable {
    var ours: [AlgorithmKind: [String]]
    /// What libssh2 knows, whether it may be used or not.
    var known: [AlgorithmKind: [String]]
    var allowed: [AlgorithmKind: [String]]
    var theirs: ServerOffer

    /// The kinds for which nothing is in common.
    var kinds: [AlgorithmKind] {
        AlgorithmKind.allCases.filter { kind in
            theirs.algorithms(kind).allSatisfy { !(ours[kind] ?? []).contains($0) }
        }
    }

    var cause: String? {
        kinds.isEmpty ? nil : "nothing in common for \(kinds.map(\.rawValue).joined(separator: " and "))"
    }

    /// What each side offers, a line each.
    var detail: String? {
        let lines = kinds.flatMap { kind in
            [
                "\(kind.rawValue) of the server: \(theirs.algorithms(kind).joined(separator: ", "))",
                "\(kind.rawValue) of libssh2 \(SessionHandle.version) here: \((ours[kind] ?? []).joined(separator: ", "))",
            ]
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    var hint: String? {
        // Whether ssh itself, with the same settings, would find something.
        let isOpenToSSH = kinds.allSatisfy { kind in
            theirs.algorithms(kind).contains { (allowed[kind] ?? []).contains($0) }
        }
        if isOpenToSSH { return OtherWay.hint }
        let weak = kinds.compactMap { kind -> String? in
            guard let one = theirs.algorithms(kind).first(where: { (known[kind] ?? []).contains($0) }) else {
                return nil
            }
            return "-o \(kind.rawValue)=+\(one)"
        }
        guard weak.count == kinds.count else { return nil }
        return "ssh refuses what this server offers, too; where nobody listens in, "
            + "ansible_ssh_common_args: '\(weak.joined(separator: " "))' takes it all the same"
    }
}
