import ArgumentParser
import CLibCurl
import CLibSSH2
import CLibYAML

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show kubani's version and those of the libraries it uses.",
        discussion: """
            EXAMPLES
              kubani version
            """)

    static let number = "0.1.0"

    func run() {
        let console = Console()
        console.print("kubani \(Self.number)")
        console.print("libssh2 \(libssh2_version(0).map { String(cString: $0) } ?? "?")")
        console.print("libyaml \(yaml_get_version_string().map { String(cString: $0) } ?? "?")")
        console.print("\(curl_version().map { String(cString: $0) } ?? "libcurl ?")")
    }
}
