import Testing

/// Inventories of every oddness, and what adding the same host to the workers of each has to look like.
struct OddInventory: Sendable {
    var name: String
    /// By their paths; the inventory is the first, or the folder that `path` names.
    var files: [String: String]
    var path: String
    var group = "workers"
    /// The lines that come, and those that give way.
    var added: [String]
    var removed: [String] = []
    /// Whether taking the host out again gives the bytes from before.
    var isUndone = true

    static let host = "n9"

    static let all: [OddInventory] = [
        OddInventory(
            name: "comments everywhere",
            files: [
                "hosts.yml": """
                # The cluster at home.
                ---   # begins here
                all:  # everything
                  children:
                    # The server.
                    control_plane:   # one
                      hosts:
                        n1: # the NUC
                          # its address
                          tailscale_ip: 100.64.0.1   # as tailscale ip -4 says
                    # Those that work.

                    workers:
                      # The hosts.
                      hosts:   # below
                        # the first
                        n2:
                          tailscale_ip: 100.64.0.2
                          # reserved_cpu: "4"

                        # n3 is broken

                      # Shared.
                      vars:
                        gpu: false   # none
                  # The end.

                """
            ], path: "hosts.yml",
            added: ["        n9:", "          tailscale_ip: 100.64.0.9", "          reserved_cpu: \"2\""]),
        OddInventory(
            name: "flow style",
            files: [
                "hosts.yml": """
                all:
                  children:
                    control_plane: {hosts: {n1: {tailscale_ip: 100.64.0.1}}}
                    workers:
                      hosts:
                        n2: { tailscale_ip: 100.64.0.2, gpu: true }   # desktop
                        n3: { tailscale_ip: 100.64.0.3 }

                """
            ], path: "hosts.yml", added: ["        n9: { tailscale_ip: 100.64.0.9, reserved_cpu: \"2\" }"]),
        OddInventory(
            name: "flow style through and through",
            files: [
                "hosts.yml":
                    "{all: {children: {control_plane: {hosts: {n1: {tailscale_ip: 100.64.0.1}}}, workers: {hosts: {n2: {tailscale_ip: 100.64.0.2}}}}}} # so\n"
            ], path: "hosts.yml",
            added: [
                "{all: {children: {control_plane: {hosts: {n1: {tailscale_ip: 100.64.0.1}}}, workers: {hosts: {n2: {tailscale_ip: 100.64.0.2}, n9: {tailscale_ip: 100.64.0.9, reserved_cpu: \"2\"}}}}}} # so"
            ],
            removed: [
                "{all: {children: {control_plane: {hosts: {n1: {tailscale_ip: 100.64.0.1}}}, workers: {hosts: {n2: {tailscale_ip: 100.64.0.2}}}}}} # so"
            ]),
        OddInventory(
            name: "anchors and aliases",
            files: [
                "hosts.yml": """
                all:
                  children:
                    control_plane:
                      hosts:
                        n1: &base
                          tailscale_ip: 100.64.0.1
                          node_labels: &labels {rack: "1"}
                    workers: &workers
                      hosts:
                        n2:
                          <<: *base
                          tailscale_ip: 100.64.0.2
                        n3: {tailscale_ip: 100.64.0.3, node_labels: *labels}
                      vars: {note: &note "said # once"}
                    edge:
                      vars: {note: *note}

                """
            ], path: "hosts.yml", added: ["        n9: {tailscale_ip: 100.64.0.9, reserved_cpu: \"2\"}"]),
        OddInventory(
            name: "merge keys in hosts",
            files: [
                "hosts.yml": """
                all:
                  vars:
                    defaults: &defaults
                      n4: {tailscale_ip: 100.64.0.4}
                  children:
                    control_plane:
                      hosts: {n1: {tailscale_ip: 100.64.0.1}}
                    workers:
                      hosts:
                        <<: *defaults
                        n2:
                          tailscale_ip: 100.64.0.2

                """
            ], path: "hosts.yml",
            added: ["        n9:", "          tailscale_ip: 100.64.0.9", "          reserved_cpu: \"2\""]),
        OddInventory(
            name: "four blanks and CRLF",
            files: [
                "hosts.yml":
                    "all:\r\n    children:\r\n        control_plane:\r\n            hosts:\r\n                n1:\r\n                    tailscale_ip: 100.64.0.1\r\n        workers:   # these\r\n            hosts:\r\n\r\n    vars:\r\n        ansible_user: ops\r\n"
            ], path: "hosts.yml",
            added: [
                "                n9:\r", "                    tailscale_ip: 100.64.0.9\r",
                "                    reserved_cpu: \"2\"\r",
            ]),
        OddInventory(
            name: "no last line end, hosts last",
            files: [
                "hosts.yml":
                    "all:\n  children:\n    control_plane:\n      hosts:\n        n1: {tailscale_ip: 100.64.0.1}\n    workers:\n      hosts:"
            ], path: "hosts.yml",
            added: ["        n9: {tailscale_ip: 100.64.0.9, reserved_cpu: \"2\"}"]),
        OddInventory(
            name: "hosts: {} with a comment",
            files: [
                "hosts.yml": """
                all:
                  children:
                    control_plane:
                      hosts:
                        n1:
                          tailscale_ip: 100.64.0.1
                    workers:
                      hosts: {}   # none yet
                      vars:

                """
            ], path: "hosts.yml",
            added: ["      hosts: {n9: {tailscale_ip: 100.64.0.9, reserved_cpu: \"2\"}}   # none yet"],
            removed: ["      hosts: {}   # none yet"]),
        OddInventory(
            name: "hosts below nested children, and a range",
            files: [
                "hosts.yml": """
                site:
                  children:
                    rack_a:
                      children:
                        control_plane: {hosts: {n1: {tailscale_ip: 100.64.0.1}}}
                        workers:
                          hosts:
                            pi-[01:03]:
                              # by their own names below
                            pi-01:
                              tailscale_ip: 100.64.0.31
                            pi-02:
                              tailscale_ip: 100.64.0.32
                            pi-03: # the last
                              tailscale_ip: 100.64.0.33
                workers:
                all:

                """
            ], path: "hosts.yml",
            added: [
                "            n9:", "              tailscale_ip: 100.64.0.9", "              reserved_cpu: \"2\"",
            ]),
        OddInventory(
            name: "a group that is not there",
            files: [
                "hosts.yml": """
                all:
                  children:
                    control_plane:
                      hosts:
                        n1: {tailscale_ip: 100.64.0.1}   # one

                  # For all.
                  vars:
                    ansible_user: ops

                """
            ], path: "hosts.yml",
            added: [
                "    workers:", "      hosts:", "        n9: {tailscale_ip: 100.64.0.9, reserved_cpu: \"2\"}",
            ], isUndone: false),
        OddInventory(
            name: "a name instead of a mapping",
            files: [
                "hosts.yml": """
                all:
                  children:
                    control_plane: {hosts: {n1: {tailscale_ip: 100.64.0.1}}}
                    workers:
                      hosts: n2   # alone
                  vars: {tailscale_ip: 100.64.0.2}

                """
            ], path: "hosts.yml",
            added: [
                "      hosts: {n2: {}, n9: {tailscale_ip: 100.64.0.9, reserved_cpu: \"2\"}}   # alone"
            ], removed: ["      hosts: n2   # alone"], isUndone: false),
        OddInventory(
            name: "JSON",
            files: [
                "hosts.json":
                    "{\n  \"all\": {\n    \"children\": {\n      \"control_plane\": {\n        \"hosts\": {\n          \"n1\": {\n            \"tailscale_ip\": \"100.64.0.1\"\n          }\n        }\n      },\n      \"workers\": {\n        \"hosts\": {\n          \"n2\": {\n            \"tailscale_ip\": \"100.64.0.2\"\n          }\n        }\n      }\n    }\n  }\n}\n"
            ], path: "hosts.json",
            added: [
                "          },", "          \"n9\": {", "            \"tailscale_ip\": \"100.64.0.9\",",
                "            \"reserved_cpu\": \"2\"",
            ]),
        OddInventory(
            name: "INI",
            files: [
                "hosts": """
                # The cluster at home.
                [control_plane]
                n1 tailscale_ip=100.64.0.1   # the NUC

                [workers]  # these
                n2   tailscale_ip=100.64.0.2 gpu=True
                pi-[01:02]
                pi-01 tailscale_ip=100.64.0.31
                # the last
                pi-02 tailscale_ip=100.64.0.32

                ; shared
                [workers:vars]
                ansible_user = ops

                [cluster:children]
                control_plane
                workers

                """
            ], path: "hosts", added: ["n9 tailscale_ip=100.64.0.9 reserved_cpu=\"'2'\""]),
        OddInventory(
            name: "INI without the group, CRLF, no last line end",
            files: ["hosts.ini": "[control_plane]\r\nn1 tailscale_ip=100.64.0.1"], path: "hosts.ini",
            added: [
                "n1 tailscale_ip=100.64.0.1\r", "\r", "[workers]\r", "n9 tailscale_ip=100.64.0.9 reserved_cpu=\"'2'\"",
            ], removed: ["n1 tailscale_ip=100.64.0.1"], isUndone: false),
        OddInventory(
            name: "a folder",
            files: [
                "inventory/01-servers.yml": "control_plane: {hosts: {n1: {tailscale_ip: 100.64.0.1}}}\nworkers:\n",
                "inventory/02-workers.ini": "[workers]\nn2 tailscale_ip=100.64.0.2\n",
                "inventory/group_vars/all.yml": "ansible_user: ops # whom\n", "inventory/notes.md": "# notes\n",
            ], path: "inventory", added: ["n9 tailscale_ip=100.64.0.9 reserved_cpu=\"'2'\""]),
        OddInventory(
            name: "tabs before comments, long lines, beyond the alphabet",
            files: [
                "hosts.yml": "all:\t# alles für « 家 » 🙂 " + String(repeating: "x", count: 2000) + "\n  children:\n"
                    + "    control_plane:\n      hosts:\n        n1: {tailscale_ip: 100.64.0.1}\t# ä\n"
                    + "    workers:\n      hosts:\n        \"ñ2\": {tailscale_ip: 100.64.0.2, note: \"🙂🙂 # no comment\"}\t# ö\n"
            ], path: "hosts.yml", added: ["        n9: {tailscale_ip: 100.64.0.9, reserved_cpu: \"2\"}"]),
    ]
}

extension OddInventory: CustomTestStringConvertible {
    var testDescription: String { name }
}
