import Model
import OrderedCollections

/// How much a file says of a group; the most is where a new host or variable goes.
enum GroupPresence: Int, Comparable {
    case none, named, hasSections, hasHosts

    static func < (a: GroupPresence, b: GroupPresence) -> Bool { a.rawValue < b.rawValue }
}

/// The text of one inventory file, changed in place. Every path begins with a variable's name.
protocol InventoryText: Sendable {
    var bytes: [UInt8] { get }

    func presence(of group: String) -> GroupPresence
    /// Whether a host is listed, by its name or within a range.
    func lists(_ host: String) -> Bool
    func sets(_ variable: String, for owner: VariableOwner) -> Bool

    /// Lists a host in a group, which is made where it is not there.
    mutating func add(
        _ host: String, to group: String, variables: OrderedDictionary<String, Value>
    ) throws(InputErrors)
    /// Takes a host out of every group that lists it.
    ///
    /// - Throws: where it is one of a range.
    mutating func remove(_ host: String) throws(InputErrors)
    mutating func set(_ value: Value, at path: [String], for owner: VariableOwner) throws(InputErrors)
    mutating func unset(_ path: [String], for owner: VariableOwner) throws(InputErrors)
}

extension InventoryText {
    /// Why a host cannot be taken out of a range, and what to write in the range's place.
    func rangeError(_ host: String, in pattern: String, at origin: Origin?) -> InputError {
        let rest = HostRange.patterns(of: pattern, without: host).map { "'\($0)'" }
        return InputError(
            "\(host) is one of '\(pattern)'", at: origin,
            hint: "write \(rest.isEmpty ? "the others one by one" : rest.joined(separator: " and ")) in its place")
    }
}
