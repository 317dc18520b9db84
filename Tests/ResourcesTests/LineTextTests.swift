import Model
import OrderedCollections
import Testing

@testable import Resources

@Suite("text that becomes a part of a line")
struct LineTextTests {
    private func mistake(_ kind: String, _ field: String, _ text: String) -> String {
        func task(_ fields: Value) -> Value { fields.with(.map([field: .string(text)])) }
        switch kind {
        case "user": return mistakes(User.self, task(["name": "me"]))
        case "cron": return mistakes(Cron.self, task(["name": "c", "schedule": "@daily", "job": "true"]))
        case "mount": return mistakes(Mount.self, task(["path": "/m", "source": "/dev/x", "fstype": "ext4"]))
        case "archive": return mistakes(Archive.self, task(["path": "/a", "src": "/a.tar"]))
        case "sysctl": return mistakes(Sysctl.self, task(["key": "net.x", "value": "1"]))
        case "firewall_rule": return mistakes(FirewallRule.self, task(["port": 22, "comment": "x"]))
        case "apt_repository":
            return mistakes(
                AptRepository.self,
                task(["name": "x", "uris": "http://x/", "suites": "/", "key_file": "/k.gpg"]))
        case "hostname": return mistakes(Hostname.self, task(["name": "h"]))
        case "timezone": return mistakes(Timezone.self, task(["name": "UTC"]))
        case "group": return mistakes(Group.self, task(["name": "g"]))
        case "service": return mistakes(Service.self, task(["name": "s"]))
        default: return mistakes(Package.self, task(["name": "p"]))
        }
    }

    @Test(
        "control characters, and what would end the field, are refused when they are read",
        arguments: [
            ("user", "comment", ["a\tb", "a\u{1b}[31m", "a:b", "a\nb", "a\u{9b}b", "a\rb", "a\u{7f}"]),
            ("user", "home", ["/a\tb", "/a:b", "/a\nb"]), ("user", "shell", ["/a\tb", "/a:b"]),
            ("user", "name", ["a b", "a:b", "a\tb", "a\n"]), ("group", "name", ["a b", "a:b", "a\n"]),
            ("cron", "job", ["a\nb", "a\u{1b}b", "a\rb"]), ("cron", "schedule", ["* * * *\n*", "@daily\u{1b}"]),
            ("mount", "path", ["/a\nb", "/a\tb", "/a\u{1b}"]), ("mount", "source", ["a\nb", "a\u{1b}"]),
            ("mount", "options", ["a b", "a\tb"]), ("archive", "path", ["/a\\b", "/a\nb", "/a\tb"]),
            ("archive", "src", ["/a\\b.tar", "/a\nb.tar"]), ("sysctl", "value", ["1\u{1b}", "1\r2"]),
            ("firewall_rule", "comment", ["a\tb", "a\u{1b}", "a\nb"]),
            ("apt_repository", "key_file", ["/k\nTrusted: yes", "/k k", "/k\tk", "/k#", "/k\u{1b}"]),
            ("hostname", "name", ["a\tb", "a\n", "a:b"]), ("timezone", "name", ["a\tb", "UTC\n"]),
            ("service", "name", ["a b", "a\tb", "a\n"]), ("package", "name", ["a\tb", "a\n", "a=1\n"]),
        ] as [(String, String, [String])])
    func refused(kind: String, field: String, texts: [String]) {
        for text in texts { #expect(mistake(kind, field, text).contains("\(kind)"), "\(text.debugDescription)") }
    }

    @Test("a newline is told with its place; what is only unusual is taken")
    func told() {
        #expect(
            mistake("apt_repository", "key_file", "/k\nx").contains(
                "apt_repository.key_file: a newline cannot be in it"))
        #expect(mistake("user", "comment", "a\\b, é").isEmpty)
        #expect(mistake("cron", "job", "printf\t%s").isEmpty)
        #expect(mistake("mount", "path", "/a b").isEmpty)
        #expect(mistake("sysctl", "value", "1\t2\n").isEmpty)
    }
}
