import Model

/// Every kind of resource that a role may use, in alphabetical order; to add one, write its file and name it here.
public let catalog: [any ResourceKind.Type] = [
    Absent.self,
    Assert.self,
    ClusterWait.self,
    Command.self,
    Directory.self,
    Download.self,
    Drain.self,
    EtcdMember.self,
    File.self,
    Firewall.self,
    FirewallRule.self,
    KernelModule.self,
    Kubeconfig.self,
    Line.self,
    Link.self,
    Manifest.self,
    ClusterNode.self,
    Package.self,
    Service.self,
    Swap.self,
    Sysctl.self,
    WaitFor.self,
]
