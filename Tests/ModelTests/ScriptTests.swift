import Model
import Testing

@Suite struct ScriptTests {
    @Test("a string is one quoted word, a script is taken as it is")
    func quoting() {
        let script: Script = "echo \("it's $HOME") \(Script("| cat")) \(["a b", "c"])"
        #expect(script.text == #"echo 'it'\''s $HOME' | cat 'a b' c"#)
    }

    @Test("an empty string stays a word")
    func empty() { #expect(("test -n \("")" as Script).text == "test -n ''") }
}
