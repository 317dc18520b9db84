import CLibCurl
import Model

/// One transfer of libcurl's. What it points to lives as long as it does.
struct EasyHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    private let message: UnsafeMutablePointer<CChar>
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private let deed: String

    init(deed: String) throws(Failure) {
        guard let pointer = curl_easy_init() else { throw Failure(deed: deed, cause: "libcurl cannot be started") }
        self.pointer = pointer
        self.deed = deed
        message = .allocate(capacity: Int(CURL_ERROR_SIZE))
        message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        _ = kubani_curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, message)
    }

    deinit {
        curl_easy_cleanup(pointer)
        message.deallocate()
        for list in lists { curl_slist_free_all(list) }
    }

    func set(_ option: CURLoption, _ value: Int) throws(Failure) {
        try checked(kubani_curl_set_long(pointer, option, value))
    }

    func set(_ option: CURLoption, _ text: String?) throws(Failure) {
        try checked(kubani_curl_set_text(pointer, option, text))
    }

    func set(_ option: CURLoption, _ bytes: [UInt8]) throws(Failure) {
        try checked(bytes.withUnsafeBytes { kubani_curl_set_blob(pointer, option, $0.baseAddress, $0.count) })
    }

    func set(_ option: CURLoption, _ context: UnsafeMutableRawPointer) throws(Failure) {
        try checked(kubani_curl_set_pointer(pointer, option, context))
    }

    func set(_ option: CURLoption, _ receiver: @escaping kubani_curl_receive) throws(Failure) {
        try checked(kubani_curl_set_receiver(pointer, option, receiver))
    }

    mutating func set(_ option: CURLoption, _ lines: [String]) throws(Failure) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines { list = curl_slist_append(list, line) ?? list }
        if let list { lists.append(list) }
        try checked(kubani_curl_set_list(pointer, option, list))
    }

    /// A body that libcurl copies.
    func setBody(_ body: [UInt8]) throws(Failure) {
        try checked(kubani_curl_set_size(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        try checked(
            body.withUnsafeBytes { bytes in
                kubani_curl_set_text(
                    pointer, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
            })
        // Without a single byte there is nothing to copy, and libcurl would ask its reader for a body.
        if body.isEmpty { try set(CURLOPT_COPYPOSTFIELDS, "") }
    }

    func onlyHTTP(redirectsToHTTPSOnly: Bool) throws(Failure) {
        try checked(kubani_curl_only_http(pointer, redirectsToHTTPSOnly ? 1 : 0))
        kubani_curl_quick_exit(pointer)
    }

    func resume() { curl_easy_pause(pointer, CURLPAUSE_CONT) }

    /// What libcurl says of an end, in its own words.
    func words(for code: CURLcode) -> String {
        let said = String(cString: message)
        return said.isEmpty ? String(cString: curl_easy_strerror(code)) : said
    }

    func number(_ info: CURLINFO) -> Int {
        var value = 0
        _ = kubani_curl_get_long(pointer, info, &value)
        return value
    }

    func size(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        _ = kubani_curl_get_size(pointer, info, &value)
        return Int(value)
    }

    func text(_ info: CURLINFO) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        _ = kubani_curl_get_text(pointer, info, &value)
        return value.map { String(cString: $0) }
    }

    private func checked(_ code: CURLcode) throws(Failure) {
        guard code != CURLE_OK else { return }
        throw Failure(
            deed: deed, cause: "libcurl refuses an option: \(String(cString: curl_easy_strerror(code)))",
            hint: "kubani version shows which libcurl is used; it must be built with OpenSSL")
    }
}
