import Model
import OrderedCollections
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

    @Test(
        "a mode that was written without quotes and read as decimal is refused; YAML's octal is not",
        arguments: [
            (644, nil), (755, nil), (600, nil), (777, nil), (400, nil), (0o644, 0o644), (0o600, 0o600), (0o755, 0o755),
            (0o711, 0o711), (0o1777, 0o1777), (0o777, 0o777), (0o400, 0o400), (0, 0), (4096, nil),
        ] as [(Int, UInt16?)])
    func modes(written: Int, mode: UInt16?) {
        do throws(InputErrors) {
            let arguments = try Arguments(["path": "/x", "mode": .int(written)], kind: "file", fields: fields)
            #expect(arguments.mode("mode") == mode)
        } catch {
            #expect(mode == nil && error.description.contains("hint: write the mode in quotes: \"0"), "\(error)")
        }
    }

    @Test(
        "a duration has an end",
        arguments: [
            .double(.infinity), .double(1e300), .double(.nan), .double(-1), "inf", "1e300", "nan", "1e300h",
            .int(.max), -1, "-5s",
        ] as [Value])
    func durations(wait: Value) {
        let error = #expect(throws: InputErrors.self) {
            try Arguments(["path": "/x", "wait": wait], kind: "file", fields: fields)
        }
        #expect(error?.description.contains("a duration such as 90s, 5m or 1h is needed") == true)
    }

    @Test(
        "a limit of time is more than nothing; a pause may be none", arguments: [0, "0s", "0ms", "0.0001s"] as [Value])
    func nothing(wait: Value) throws {
        let error = #expect(throws: InputErrors.self) {
            try Arguments(["path": "/x", "wait": wait], kind: "file", fields: fields)
        }
        #expect(error?.description.contains("a duration of more than nothing is needed") == true)
        let pause = [Field("delay", .pause, "How long.")]
        #expect(try Arguments(["delay": wait], kind: "file", fields: pause).duration("delay") == .zero)
    }

    @Test("every mistake is reported at once, with the nearest name")
    func mistakes() {
        let error = #expect(throws: InputErrors.self) {
            try Arguments(["pth": "/x", "mode": "rw", "wait": "soon"], kind: "file", fields: fields)
        }
        #expect(error?.errors.count == 4)
        #expect(error?.errors.contains { $0.hint == "did you mean 'path'?" } == true)
    }

    @Test("what is wrong within a secret list, map or task is not shown")
    func secrets() throws {
        let fields = [
            Field("modes", .list(.mode), "Bits."), Field("many", .oneOrMany(.path), "Where."),
            Field("map", .map(.int), "Numbers."), Field("path", .path, "Where."),
        ]
        func told(_ value: Value) -> String {
            do throws(InputErrors) {
                _ = try Arguments(value, kind: "k", fields: fields)
                return ""
            } catch { return error.description }
        }
        for (name, value) in [
            ("modes", ["hunter2"]), ("many", ["hunter2"]), ("map", ["n": "hunter2"]), ("path", "hunter2"),
        ] as [(String, Value)] {
            let whole: Value = [name: value]
            for task in [[name: value.sensitive()], whole.sensitive()] as [Value] {
                #expect(told(task).contains("not '(sensitive)'") && !told(task).contains("hunter2"), "\(told(task))")
            }
            #expect(told(whole).contains("not 'hunter2'"))
        }
        let arguments = try Arguments(
            ["path": Value.string("/hunter2").sensitive(), "modes": ["0644"]], kind: "k", fields: fields)
        #expect(arguments.shown("path") == "(sensitive)" && arguments.shown("path", "/hunter2") == "(sensitive)")
        #expect(arguments.shown("modes", "0644") == "0644")
    }
}
