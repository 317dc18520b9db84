import HTTP
import Testing

@Suite struct HTTPHeadersTests {
    @Test("names are the same whatever their case, and a field that is set is there once")
    func names() {
        var headers: HTTPHeaders = ["Content-Type": "text/plain", "Set-Cookie": "a", "set-cookie": "b"]
        #expect(headers["content-TYPE"] == "text/plain")
        #expect(headers["Set-Cookie"] == "a")
        headers["SET-cookie"] = "c"
        #expect(headers.fields.map(\.value) == ["text/plain", "c"])
        headers["content-type"] = nil
        #expect(headers["Content-Type"] == nil)
    }
}
