// swift-tools-version: 6.1
import PackageDescription

// The manifest is the map: each module names all that it may import, and imports go one way, upwards.

let libraries: [Target] = [
    .systemLibrary(
        name: "CLibSSH2", pkgConfig: "libssh2", providers: [.apt(["libssh2-1-dev"]), .brew(["libssh2"])]),
    .systemLibrary(
        name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
    .systemLibrary(
        name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
    .systemLibrary(name: "CLinux"),
]

let collections = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let rsa = Target.Dependency.product(name: "_CryptoExtras", package: "swift-crypto")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

let modules: [Target] = [
    module("Model", [collections]),
    module("YAML", ["Model", "CLibYAML", collections]),
    module("Credentials", ["Model", "YAML", collections, crypto]),
    module("Template", ["Model", collections]),
    module("Polling", ["CLinux"]),
    module("Shell", ["Model", "Polling", crypto, subprocess, system]),
    module("SSH", ["Model", "Polling", "Shell", "CLibSSH2", crypto, rsa, subprocess, system]),
    module("HTTP", ["Model", "CLibCurl", collections, crypto, system]),
    module("Kubernetes", ["Model", "YAML", "Credentials", "HTTP", collections]),
    module("Tailscale", ["Model", "YAML", "HTTP", collections, subprocess, system]),
    module("Inventory", ["Model", "YAML", "Template", collections]),
    module("Resources", ["Model", "YAML", "Credentials", collections, crypto]),
    module("TaskGraph", ["Model"]),
    module(
        "Roles", ["Model", "YAML", "Credentials", "Template", "Resources", "TaskGraph", collections, crypto, system]),
    module("Planner", ["Model", "Resources", "TaskGraph", collections]),
    module("Applier", ["Model", "Resources", "TaskGraph", "Planner", collections]),
    module("Report", ["Model", collections]),
    module("PlanFile", ["Model", "YAML", "Report", collections, crypto]),
    module(
        "Commands",
        [
            "Model", "YAML", "Credentials", "Template", "Polling", "Shell", "SSH", "HTTP", "Kubernetes", "Tailscale",
            "Inventory",
            "Resources",
            "Roles", "TaskGraph",
            "Planner",
            "Applier",
            "Report", "PlanFile", "CLibCurl", "CLibSSH2", "CLibYAML", arguments, subprocess, system, collections,
            crypto,
        ]),
    .executableTarget(name: "kubani", dependencies: ["Commands"], swiftSettings: strict()),
]

let tests: [Target] = [
    // What tests share: the repository's root, processes, and what a machine must have for a test to run.
    .target(
        name: "TestSupport", dependencies: [subprocess, system], path: "Tests/TestSupport",
        exclude: ["file_server.py", "tailscaled.py"],
        swiftSettings: strict()),
    suite("ModelTests", ["Model", collections]),
    suite("YAMLTests", ["YAML", "Model", collections]),
    suite("CredentialsTests", ["Credentials", "Model", collections]),
    suite("TemplateTests", ["Template", "Model", collections], exclude: ["Reference"]),
    suite("InventoryTests", ["Inventory", "YAML", "Model", collections], exclude: ["Inventories"]),
    suite("ShellTests", ["Shell", "Model"]),
    suite("SSHTests", ["SSH", "Shell", "Polling", "Model", crypto]),
    suite("HTTPTests", ["HTTP", "Model", crypto, system], exclude: ["server.py"]),
    suite("KubernetesTests", ["Kubernetes", "HTTP", "YAML", "Model", collections], exclude: ["proxy.py"]),
    suite("TailscaleTests", ["Tailscale", "YAML", "Model"]),
    suite("ResourcesTests", ["Resources", "Shell", "Model", "YAML", collections]),
    suite("RolesTests", ["Roles", "Resources", "Report", "Model", collections], exclude: ["Mistakes"]),
    suite("EngineTests", ["TaskGraph", "Planner", "Applier", "Resources", "Roles", "Shell", "Model", collections]),
    suite("ReportTests", ["Report", "Model"]),
    suite("PlanFileTests", ["PlanFile", "Report", "Resources", "Model", "YAML", collections]),
    // Also runs the built program itself.
    suite(
        "CommandsTests",
        [
            "Commands", "Inventory", "Kubernetes", "Tailscale", "Roles", "Report", "YAML", "Model", arguments,
            collections,
        ]),
    // Needs root and systemd-nspawn: disposable machines, see docs/TESTING.md.
    suite("LabTests", ["Commands", "Applier", "Planner", "Roles", "Resources", "SSH", "Shell", "Model"]),
]

/// For libFuzzer, and for nothing else: `Tests/Fuzz/run` sets the variable.
let fuzzing: [Target] =
    Context.environment["KUBANI_FUZZ"] == nil
    ? []
    : [
        .executableTarget(
            name: "kubani-fuzz", dependencies: ["Inventory", "Model", "Shell", "Template", "YAML", collections],
            path: "Tests/Fuzz", exclude: ["run", "seeds"],
            swiftSettings: strict() + [.unsafeFlags(["-parse-as-library"])])
    ]

let package = Package(
    name: "kubani",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "kubani", targets: ["kubani"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: libraries + modules + tests + fuzzing
)

func strict() -> [SwiftSetting] {
    [
        .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict())
}

func suite(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], exclude: exclude, swiftSettings: strict())
}
