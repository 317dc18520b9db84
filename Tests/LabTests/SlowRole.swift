import TestSupport
import Testing

/// A role whose run can be stopped at a known place: it has written a file that asks for a restart, the restart is yet
/// to come, and the task between waits for /run/go.
enum SlowRole {
    static let text = #"""
        role: slow
        hosts: all
        defaults: { level: 1 }
        tasks:
          - name: unit
            service: { name: demo, unit: "[Service]\nExecStart=/bin/sleep 100000\n", state: running }
          - name: settings
            file: { path: /etc/demo.conf, content: "level: {{ level }}\n" }
            notify: restart demo
          - name: wait for the word
            command:
              script: |
                echo begun >/run/slow
                while [ ! -e /run/go ]; do sleep 0.05; done
                echo {{ level | quote }} >/etc/slow.done
              unless: grep -qx {{ level | quote }} /etc/slow.done
            notify: restart demo
          - name: last
            file: { path: /etc/last.conf, content: "{{ level }}\n" }
        handlers:
          - name: restart demo
            service: { name: demo, state: restarted }
        """#

    static let isInTheMiddle = "test -s /run/slow"
    static let mark = "/var/lib/kubani/pending/slow.restart%20demo"
    /// Says yes where demo was started after its settings were written.
    static let restarted = """
        started=$(date -d "$(systemctl show --timestamp=us+utc -P ActiveEnterTimestamp demo)" +%s%N)
        written=$(date -d "$(stat -c %y /etc/demo.conf)" +%s%N)
        if [ "$started" -gt "$written" ]; then echo yes; else echo no; fi
        """
}

extension Lab {
    /// Puts the role through once at level 1, and closes the way for the next run.
    func prepareSlowRole(_ roles: String, _ inventory: String, on nodes: [String]) async throws {
        for node in nodes { try await read(node, "rm -f /run/slow /etc/slow.done; touch /run/go") }
        let first = try await kubani(["apply", "--yes", "-i", inventory, "--roles", roles])
        try #require(first.status == 0, "\(first.stdout)\(first.stderr)")
        for node in nodes { try await read(node, "rm -f /run/slow /run/go") }
    }
}
