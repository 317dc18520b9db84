import TestSupport
import Testing

/// A role that changes much of a machine in little time: files, a block, a line, a link, a service with two inputs.
enum FaultRole {
    static let text = #"""
        role: fault
        hosts: all
        defaults: { level: 0 }
        tasks:
          - name: folder
            directory: { path: /etc/fault, mode: "0755" }
          - name: files
            for_each: ["1", "2", "3", "4", "5", "6"]
            file: { path: "/etc/fault/{{ item }}.conf", content: "{{ ('level ' ~ level ~ ' of ' ~ item ~ 'x' * 600 ~ '\n') * 100 }}", mode: "0640" }
          - name: big
            file: { path: /etc/fault/big.conf, content: "{{ ('level ' ~ level ~ 'x' * 300 ~ '\n') * 1000 }}" }
          - name: line
            line: { path: /etc/fault/lines, line: "level={{ level }}", match: "^level=", create: true }
          - name: link
            link: { path: /etc/fault/current, target: "/etc/fault/level-{{ level }}" }
          - name: unit
            service:
              name: fault
              unit: "[Service]\nExecStart=/bin/sleep 100000\nEnvironment=LEVEL={{ level }}\n"
              state: running
          - name: settings
            file: { path: /etc/fault/service.conf, content: "level {{ level }}\n" }
            notify: restart fault
          - name: last
            file: { path: /etc/fault/last.conf, content: "level {{ level }}\n" }
        handlers:
          - name: restart fault
            service: { name: fault, state: restarted }
        """#

    /// Says what is not as it should be at a level, a line each; nothing where all is.
    static func faults(level: Int) -> String {
        """
        cd /etc/fault || exit
        for i in 1 2 3 4 5 6; do
            [ "$(sort -u $i.conf | tr -d x)" = "level \(level) of $i" ] && [ "$(wc -l <$i.conf)" = 100 ] || echo "$i.conf is not whole"
        done
        [ "$(sort -u big.conf | tr -d x)" = "level \(level)" ] && [ "$(wc -l <big.conf)" = 1000 ] || echo "big.conf is not whole"
        [ "$(cat lines)" = level=\(level) ] || echo "lines: $(cat lines)"
        [ "$(readlink current)" = /etc/fault/level-\(level) ] || echo "current: $(readlink current)"
        [ "$(cat last.conf service.conf | sort -u)" = "level \(level)" ] || echo "last: $(cat last.conf service.conf)"
        \(strays)
        started=$(date -d "$(systemctl show --timestamp=us+utc -P ActiveEnterTimestamp fault)" +%s%N)
        for input in /etc/fault/service.conf /etc/systemd/system/fault.service; do
            [ "$started" -gt "$(date -d "$(stat -c %y $input)" +%s%N)" ] || echo "fault was not restarted after $input"
        done
        grep -q LEVEL=\(level) "/proc/$(systemctl show -P MainPID fault)/environ" || echo "fault runs with another level"
        [ ! -e /var/lib/kubani ] || echo "left: $(find /var/lib/kubani)"
        """
    }

    /// Files of a kind that are only there while one is written, and files of which a part was written.
    static let strays = """
        find /etc /usr/local /var/lib /run -xdev -name '.kubani.*' 2>/dev/null
        """

    /// Says which file is neither what it was nor what it was to become.
    static func halves(before: Int, after: Int) -> String {
        """
        cd /etc/fault || exit 0
        for i in 1 2 3 4 5 6; do
            case "$(sort -u $i.conf | tr -d x) $(wc -l <$i.conf)" in
            "level \(before) of $i 100" | "level \(after) of $i 100") ;;
            *) echo "$i.conf is half written" ;;
            esac
        done
        case "$(sort -u big.conf | tr -d x) $(wc -l <big.conf)" in
        "level \(before) 1000" | "level \(after) 1000") ;;
        *) echo "big.conf is half written" ;;
        esac
        """
    }
}
