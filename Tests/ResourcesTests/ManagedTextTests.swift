import Foundation
import Model
import TestSupport
import Testing

@testable import Resources

/// Files that a kind owns whole, and what somebody else did to them.
@Suite(Needs.root, Needs.program("busybox"))
struct ManagedTextTests {
    @Test(
        "a file is as desired only byte by byte, as a file of root's with its mode",
        arguments: [
            (":", nil), ("printf 'caf\\303\\251\\n' >f", nil),
            ("printf 'caf\\0\\303\\251\\n' >f", "bytes that are no text"),
            ("printf 'cafe\\314\\201\\n' >f", "characters in another form of Unicode"),
            ("chmod 666 f", "0666 root:root"), ("chown nobody f", "0644 nobody:root"),
            ("mv f g; ln -s g f", "a symbolic link"),
        ] as [(String, String?)])
    func drift(damage: String, told: String?) async throws {
        for shell in shells {
            let folder = try TemporaryFolder("kubani-managed")
            let text = ManagedText(path: "\(folder.path)/f", text: "caf\u{e9}\n")
            let script: Script = """
                cd \(folder.path) && printf 'caf\\303\\251\\n' >f && \(Script(written: damage))
                \(ManagedText.prepare([text]))
                \(text.look)
                """
            let ran = try await Program.run(shell[0], shell.dropFirst() + [script.text])
            var fields = FieldReader(Array(ran.stdout.utf8), deed: "look")
            let found = try text.read(&fields)
            guard case .attribute(_, let from, _)? = text.detail(from: found) else {
                #expect(told == nil, "\(shell): \(found)")
                continue
            }
            #expect(from?.description == told)
        }
    }

    @Test("a time zone's link that leads nowhere is told, though it names the zone")
    func dangling() throws {
        let zone = try resource(Timezone.self, "Europe/Berlin")
        let link = "../usr/share/zoneinfo.old/zoneinfo/Europe/Berlin"
        let change = zone.difference(from: .init(link: link, written: nil, isKnown: true, isLed: false))
        #expect(
            details(change) == [
                .attribute("/etc/localtime", from: Shown("\(link), which is not that zone"), to: "Europe/Berlin")
            ])
    }

    @Test(
        "what is mounted is what the entry says, or is told",
        arguments: [
            ("/dev/sda1", "ext4", "defaults", "8:1 / /srv rw - ext4 /dev/sda1 rw", "8:1", false),
            ("UUID=1", "ext4", "defaults", "8:17 / /srv rw - ext4 /dev/sdb1 rw", "8:1", true),
            ("/dev/sda1", "ext4", "defaults", "0:30 / /srv rw - tmpfs tmpfs rw", "8:1", true),
            ("tmpfs", "tmpfs", "defaults", "0:30 / /srv rw - tmpfs none rw", nil, false),
            ("nas:/a", "nfs", "defaults", "0:31 / /srv rw - nfs4 nas:/a/ rw", nil, false),
            ("nas:/a", "nfs", "defaults", "0:31 / /srv rw - nfs4 nas:/b rw", nil, true),
            ("/data", "none", "bind", "8:1 /data /srv rw - ext4 /dev/sda1 rw", nil, true),
            ("/dev/sda1", "btrfs", "defaults", "0:32 /x /srv rw - btrfs /dev/sda1 rw", "8:1", false),
        ] as [(String, String, String, String, String?, Bool)])
    func mounted(
        source: String, type: String, options: String, line: String, device: String?, isOther: Bool
    ) throws {
        let mount = try resource(
            Mount.self,
            ["path": "/srv", "source": .string(source), "fstype": .string(type), "options": .string(options)])
        let fstab = "\(source) /srv \(type) \(options) 0 0\n"
        let entry = NodeEntry(kind: .file, mode: 0o644, uid: 0, gid: 0, owner: "root", group: "root", size: 9)
        var found = Mount.Found(
            fstab: EditedFile(entry: entry, target: "/etc/fstab", sha256: "0", content: Array(fstab.utf8)),
            now: MountedNow.at("/srv", in: "36 35 \(line)\n"))
        found.device = device
        #expect(mount.difference(from: found).isNone != isOther)
    }
}
