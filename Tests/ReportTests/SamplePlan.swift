import Model

/// A plan with one of everything.
enum SamplePlan {
    static func id(_ host: String, _ role: String, _ position: Int, _ name: String) -> TaskID {
        TaskID(host: host, role: role, position: position, name: name)
    }

    static let config = id("n1", "k3s-server", 0, "config.yaml")

    static let tasks: [PlannedTask] = [
        PlannedTask(
            id: id("n1", "prerequisites", 0, "packages"), kind: "package", subject: "curl, jq",
            verdict: .change(
                Change(.create, details: [.attribute("jq", from: nil, to: "1.6-2.1")], steps: []))),
        PlannedTask(
            id: id("n1", "prerequisites", 1, "swap"), kind: "swap", subject: "",
            verdict: .unchanged("no swap is active and none starts at boot")),
        PlannedTask(
            id: id("n1", "prerequisites", 2, "memory"), kind: "assert", subject: "",
            verdict: .unchanged("a warning"), warning: "980 MB of memory; k3s and its guests want 1900"),
        PlannedTask(
            id: config, kind: "file", subject: "/etc/rancher/k3s/config.yaml",
            verdict: .change(
                Change(
                    .update,
                    details: [
                        .attribute("mode", from: "0644", to: "0600"),
                        .text("content", from: "node-ip: 100.64.0.11\n", to: "node-ip: 100.64.0.12\n"),
                    ], steps: []))),
        PlannedTask(
            id: id("n1", "k3s-server", 1, "token"), kind: "file", subject: "/etc/token",
            verdict: .change(
                Change(
                    .create, details: [.text("content", from: nil, to: Shown("hunter2", isSensitive: true))], steps: [])
            )),
        PlannedTask(
            id: id("n1", "k3s-server", 2, "old unit"), kind: "absent", subject: "/etc/old.service",
            verdict: .change(Change(.delete, steps: []))),
        PlannedTask(
            id: id("n1", "k3s-server", 3, "restart k3s"), kind: "service", subject: "k3s.service", isHandler: true,
            verdict: .change(Change(.run, details: [.note("notified by config.yaml")], steps: []))),
        PlannedTask(
            id: id("n1", "k3s-server", 4, "ready"), kind: "wait_for", subject: "https://127.0.0.1:6443/readyz",
            verdict: .pending(because: "restart k3s", expected: nil)),
        PlannedTask(
            id: id("n1", "gpu", 0, "driver"), kind: "package", subject: "nvidia-driver", verdict: .skipped("when: gpu")),
    ]

    static let plan = Plan(hosts: [
        HostPlan(name: "n1", tasks: tasks),
        HostPlan(
            name: "n2",
            tasks: [
                PlannedTask(
                    id: id("n2", "prerequisites", 0, "Tailscale is logged in"), kind: "assert", subject: "",
                    verdict: .failed(
                        Failure(
                            host: "n2", deed: "hold 'Tailscale is logged in'", cause: "Logged out.",
                            hint: "run 'sudo tailscale up' on the machine"))),
                PlannedTask(
                    id: id("n2", "prerequisites", 1, "packages"), kind: "package", subject: "curl",
                    verdict: .blocked(by: "Tailscale is logged in")),
            ]),
        HostPlan(
            name: "n3",
            unreachable: Failure(
                .unreachable, host: "n3", deed: "connect to 100.64.0.13:22", cause: "no answer within 20 s",
                hint: "is the machine on, and on the tailnet?")),
    ])

    static let recap: Recap = {
        var first = Recap.Counts()
        first.changed = 4
        first.unchanged = 2
        first.skipped = 1
        first.roundTrips = 7
        var second = Recap.Counts()
        second.failed = 1
        second.blocked = 1
        var third = Recap.Counts()
        third.isUnreachable = true
        return Recap(hosts: ["n1": first, "node-2": second, "n3": third], elapsed: .milliseconds(2340))
    }()

    static let events: [Event] = [
        .connecting(host: "n1"), .connected(host: "n1"),
        .unreachable(
            host: "n3",
            Failure(.unreachable, host: "n3", deed: "connect to 100.64.0.13:22", cause: "no answer within 20 s")),
        .started(config), .command(config, Shown("install -d /etc/rancher/k3s")),
        .output(config, .stdout, "one\ntwo \u{1B}[31mred\n"), .output(config, .stderr, "a complaint\n"),
        .retrying(config, attempt: 1, Failure(host: "n1", deed: "make it so", cause: "busy (exit 1)")),
        .finished(
            config, .changed(Change(.update, details: [.attribute("mode", from: "0644", to: "0600")], steps: []))),
        .finished(tasks[1].id, .unchanged("no swap is active")),
        .finished(
            tasks[0].id,
            .failed(
                Failure(
                    host: "n1", deed: "make 'packages' so", cause: "E: Unable to locate package jq (exit 100)",
                    detail: "Reading package lists...\nE: Unable to locate package jq", hint: "is it spelt right?"))),
        .finished(tasks[7].id, .blocked(by: "n1 › prerequisites › packages")), .stopping, .ended(recap),
    ]
}
