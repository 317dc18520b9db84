import ArgumentParser
import CLibCurl
import CLibSSH2
import CLibYAML
import Model
import Report

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show kubani's version and those of the libraries it uses.",
        discussion: """
            EXAMPLES
              kubani version
              kubani version --json | jq -r .kubani
            """)

    static let number = "0.1.0"

    @Flag(name: .long, help: "JSON instead of text.") var json = false

    func run() {
        let console = Console()
        let ssh = libssh2_version(0).map { String(cString: $0) } ?? "?"
        let yaml = yaml_get_version_string().map { String(cString: $0) } ?? "?"
        let curl = curl_version().map { String(cString: $0) } ?? "libcurl ?"
        guard !json else {
            let told: Value = [
                "kubani": .string(Self.number), "libssh2": .string(ssh), "libyaml": .string(yaml),
                "libcurl": .string(curl.prefix { $0 != " " }.split(separator: "/").last.map(String.init) ?? curl),
            ]
            return console.print(JSONText.pretty(told))
        }
        console.print("kubani \(Self.number)\nlibssh2 \(ssh)\nlibyaml \(yaml)\n\(curl)")
    }
}
