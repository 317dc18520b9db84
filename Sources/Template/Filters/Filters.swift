/// Every filter by its name. To add one, add an entry to the table it belongs to.
enum Filters {
    static let all: [String: Filter] = [choices, texts, lists, selections, maps, numbers, encodings, patterns]
        .reduce(into: [:]) { $0.merge($1) { first, _ in first } }
}
