import Model

/// Packages of the distribution, installed or not.
public struct Package: ShellKind {
    public static let name = "package"
    public static let summary = """
        Installs or removes packages of the distribution, with apt or dnf, whichever the node has. All that a task \
        names go in one transaction. Package lists are refreshed only when a package is not found in them; a locked or \
        interrupted apt is waited for or mended first, and a source that apt cannot read is left out. A plan says what \
        apt would remove, install and upgrade beside them, by apt's own simulation; nothing else is removed, and nothing \
        that the system or kubani cannot do without.
        """
    public static let example = """
        - name: tools
          package:
            name: [curl, jq, "open-iscsi"]
        """
    public static let shorthand: String? = "name"
    public static let fields = [
        Field(
            "name", .oneOrMany(.string), required: true,
            "One package or a list; `name=version` asks for a version (`1.2*` for any that begins so)."),
        Field(
            "state", .oneOf(["present", "absent"]),
            "present (the default) or absent; an absent package keeps its configuration."),
        Field(
            "update", .bool,
            "Whether to refresh the package lists before installing, when they are older than an hour (false)."),
        Field(
            "manager", .oneOf(["auto", "apt", "dnf"]),
            "What to install with; auto (the default) takes what the node has."),
    ]

    let packages: [PackageName]
    let isPresent: Bool
    let update: Bool
    let manager: String?

    public struct Found: Sendable, Equatable {
        /// apt or dnf; nil where the node has neither.
        var manager: String?
        /// The installed packages among those asked for.
        var installed: [String: InstalledPackage]
        /// What the manager would do; nil where it has nothing to do, or cannot tell.
        var simulation: PackageSimulation?
    }

    public init(_ arguments: Arguments) throws(InputErrors) {
        var errors: [InputError] = []
        var names: [PackageName] = []
        for text in arguments.strings("name") ?? [] {
            if let name = PackageName(text) {
                if !names.contains(name) { names.append(name) }
            } else {
                errors.append(
                    arguments.error(
                        "package.name: '\(arguments.shown("name", text))' is no package name", at: "name",
                        hint: "curl, or curl=7.88.1*"))
            }
        }
        if names.isEmpty, errors.isEmpty {
            errors.append(arguments.error("package.name: at least one package is needed", at: "name"))
        }
        packages = names
        isPresent = arguments.string("state") != "absent"
        update = arguments.bool("update") ?? false
        manager = arguments.string("manager").flatMap { $0 == "auto" ? nil : $0 }
        if !errors.isEmpty { throw InputErrors(errors) }
    }

    public var subject: String { packages.map(\.description).joined(separator: ", ") }

    /// The managers that a node may have, the one to prefer first.
    static let managers: [any PackageManager.Type] = [Apt.self, Dnf.self]

    public static func probe(_ all: [Package]) -> Script {
        var names: [String] = []
        for name in all.flatMap(\.packages).map(\.name) where !names.contains(name) { names.append(name) }
        let choices: [Script] = managers.map { manager in
            Script.lines(
                [
                    "if \(manager.isThere); then", "printf '%s\\0' \(manager.name)", manager.list(names),
                    "printf '\\0'", manager.simulating,
                ] + all.map { manager.simulate($0.packages, isPresent: $0.isPresent) } + ["exit", "fi"])
        }
        return Script.lines(choices + ["printf 'none\\0\\0'"])
    }

    public static func read(_ output: [UInt8], of all: [Package]) throws(Failure) -> [Found] {
        var fields = FieldReader(output, deed: "look at packages")
        let word = try fields.next()
        let text = try fields.nextLineText()
        guard let manager = managers.first(where: { $0.name == word }) else {
            guard word == "none" else { throw fields.unreadable("no package manager is named") }
            try fields.end()
            return all.map { _ in Found(manager: nil, installed: [:]) }
        }
        let installed = manager.parse(text)
        var found: [Found] = []
        for package in all {
            let wanted = Set(package.packages.map(\.name))
            found.append(
                Found(
                    manager: word, installed: installed.filter { wanted.contains($0.key) },
                    simulation: manager.parse(simulation: try fields.nextLineText())))
        }
        try fields.end()
        return found
    }

    public func difference(from found: Found) -> Difference {
        guard let manager = Package.managers.first(where: { $0.name == found.manager }),
            manager.name == self.manager ?? manager.name
        else {
            return .fails(
                cause: self.manager.map { "\($0) is not on the node" } ?? "neither apt nor dnf is on the node",
                hint: "packages can be installed with apt (Debian, Ubuntu, Raspberry Pi OS) or dnf (Fedora, RHEL)")
        }
        var details: [Detail] = []
        var names: [PackageName] = []
        var isUpdate = false
        for package in packages {
            let installed = found.installed[package.name]
            if isPresent, !(installed.map { package.accepts($0) } ?? false) {
                isUpdate = isUpdate || installed != nil
                details.append(
                    .attribute(
                        package.name, from: installed.map { Shown($0.version) },
                        to: Shown(package.version ?? "installed")))
                names.append(package)
            } else if !isPresent, let installed, !installed.isProvided {
                details.append(.attribute(package.name, from: Shown(installed.version), to: nil))
                names.append(package)
            }
        }
        if names.isEmpty { return .none(settled(found)) }
        let simulation = found.simulation
        let removed = simulation?.removed.map(\.name) ?? []
        if let refusal = refusal(names, simulation) { return refusal }
        details = (simulation?.details(beside: names.map(\.name), isPresent: isPresent) ?? []) + details
        if let mistake = simulation?.mistakes.first {
            details.append(.note("\(manager.name) cannot tell yet what else it does: \(mistake)"))
        }
        let script =
            isPresent
            ? manager.install(names, update: update, removing: removed) : manager.remove(names, removing: removed)
        return .change(
            Change(
                isPresent ? (isUpdate ? .update : .create) : .delete, details: details,
                steps: [.run(script, deadline: .seconds(1800))]))
    }

    private func refusal(_ names: [PackageName], _ simulation: PackageSimulation?) -> Difference? {
        let asked = isPresent ? [] : names.map(\.name)
        let others = simulation?.removed.map(\.name).filter { !asked.contains($0) } ?? []
        if let (name, why) = PackageSimulation.needed(among: asked, simulation) {
            return .fails(cause: "\(name) must stay: \(why)", hint: "kubani takes it away from no machine")
        }
        if let (name, why) = PackageSimulation.needed(among: others, simulation) {
            let deed = isPresent ? "installing" : "removing"
            return .fails(
                cause:
                    "\(deed) \(names.map(\.name).joined(separator: ", ")) would remove \(name), which must stay: \(why)",
                hint: "`apt-get -s` on the node shows what hangs together")
        }
        // A package that apt does not know may be in lists that are fetched first; to remove one needs no lists.
        if !isPresent, let mistake = simulation?.mistakes.first, simulation?.removed.isEmpty == true {
            return .fails(
                cause: "apt would not remove it: \(mistake)",
                hint: "apt-mark showhold lists held packages; apt-get -f install mends dependencies")
        }
        return nil
    }

    private func settled(_ found: Found) -> String {
        if !isPresent { return "not installed" }
        if packages.count > 3 { return "all \(packages.count) installed" }
        return packages.compactMap { package in
            found.installed[package.name].map { "\(package.name) \($0.isProvided ? "provided" : $0.version)" }
        }.joined(separator: ", ")
    }

    public var touches: [Effect] { [.packages] + packages.map { .package($0.name) } }
    public func dependsOn(_ found: Found) -> [Effect] { packages.map { .package($0.name) } }
}
