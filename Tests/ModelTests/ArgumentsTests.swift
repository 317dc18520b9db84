import Model
import Testing

@Suite struct ArgumentsTests {
    let fields = [
        Field("path", .path, required: true, "Where."), Field("mode", .mode, "Bits."),
        Field("names", .oneOrMany(.string), "Names."), Field("wait", .duration, "How long."),
    ]

    @Test("values are brought to their fields' types")
    func coercion() throws {
        let arguments = try Arguments(
            ["path": "/etc/", "mode": "0600", "names": "one", "wait": "1.5m"], kind: "file", fields: fields)
        #expect(arguments.string("path") == "/etc")
        #expect(arguments.mode("mode") == 0o600)
        #expect(arguments.strings("names") == ["one"])
        #expect(arguments.duration("wait") == .seconds(90))
    }

    @Test("every mistake is reported at once, with the nearest name")
    func mistakes() {
        let error = #expect(throws: InputErrors.self) {
            try Arguments(["pth": "/x", "mode": "rw", "wait": "soon"], kind: "file", fields: fields)
        }
        #expect(error?.errors.count == 4)
        #expect(error?.errors.contains { $0.hint == "did you mean 'path'?" } == true)
    }
}
