import Model
import Resources
import Testing

@Suite struct CatalogTests {
    @Test("the catalog is in alphabetical order and names each kind once")
    func order() {
        let names = catalog.map { $0.name }
        #expect(names == Set(names).sorted())
    }

    @Test("every field is documented in a sentence, and no kind has one twice")
    func fields() {
        for kind in catalog {
            #expect(kind.summary.hasSuffix("."))
            #expect(Set(kind.fields.map(\.name)).count == kind.fields.count)
            for field in kind.fields { #expect(field.help.hasSuffix("."), "\(kind.name).\(field.name)") }
            #expect(kind.shorthand.map { name in kind.fields.contains { $0.name == name } } ?? true)
            #expect(kind.example.contains("\(kind.name):"))
        }
    }
}
