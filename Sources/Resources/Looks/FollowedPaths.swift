import Model

/// One look at many paths of a node of which a link of root's is as good as what it leads to.
struct FollowedPaths {
    struct Place {
        /// What the path leads to; nil for nothing, and for a link that leads nowhere.
        var entry: NodeEntry?
        /// The path itself, where it is a link.
        var link: NodeEntry?
        var way = PathWay()
        /// Where it leads, where it is a link.
        var target: String?
        /// The file's, where it was asked for and is no larger than the limit.
        var content: [UInt8]?
    }

    private var places: [Place]

    /// - Parameter limit: how large a file may be whose content is asked for; nil asks for none.
    static func probe(_ paths: [String], contents limit: Int? = nil) -> Script {
        PathsLook.probe(
            items(paths),
            extras: """
                extra() {
                if [ -L "$1" ]; then (
                if reach "$2" && follow; then
                printf '\\0%s\\0%s\\0' "$through" "$here/$name"
                stat -c '%f/%u/%g/%s/%U/%G/x//' -- "./$name" 2>/dev/null
                printf '\\0'
                \(limit.map { "content \"./$name\" \($0)" as Script } ?? "" as Script)
                else
                [ -z "$missing" ] || refused=-
                printf '%s\\0%s\\0\\0\\0\(limit == nil ? "" as Script : "\\0" as Script)' "$refused" "$through"
                fi
                ) else
                printf '\\0\\0\\0\\0'
                \(limit.map { "content \"$1\" \($0)" as Script } ?? "" as Script)
                fi
                }
                """)
    }

    private static func items(_ paths: [String]) -> [PathsLook.Item] {
        paths.map { PathsLook.Item(path: $0, argument: $0) }
    }

    init(_ output: inout ProbeOutput, of paths: [String], contents limit: Int? = nil) throws(Failure) {
        let look = try PathsLook(&output, of: Self.items(paths), extras: limit == nil ? 4 : 5)
        places = []
        for i in paths.indices {
            let seen = look[i]
            guard seen.extras.count >= 4 else {
                places.append(Place(way: seen.way))
                continue
            }
            var place = Place(entry: seen.entry, way: seen.way)
            let texts = seen.extras[..<3].map { String(decoding: $0, as: UTF8.self) }
            place.way.through += texts[1].split(separator: "\n").map(String.init)
            if !texts[0].isEmpty, texts[0] != "-" { place.way.refusal = texts[0] }
            if seen.entry?.kind == .link {
                place.link = seen.entry
                place.target = texts[2].isEmpty ? nil : texts[2]
                place.entry = try NodeEntries.records(seen.extras[3], of: output).values.first
            }
            if let limit, let size = place.entry?.size, size <= limit, place.entry?.kind == .file,
                let bytes = Base64.decode(seen.extras[4]), bytes.count == size
            {
                place.content = bytes
            }
            places.append(place)
        }
    }

    subscript(index: Int) -> Place { places[index] }
}
