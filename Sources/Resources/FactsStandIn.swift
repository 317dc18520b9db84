import Model
public enum Facts {
    public static let probe: Script = "uname -a"
    public static func read(_ output: [UInt8]) throws(Failure) -> Value { [:] }
}
