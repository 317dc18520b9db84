import Model

/// Every kind of resource that a role may use, in alphabetical order; to add one, write its file and name it here.
public let catalog: [any ResourceKind.Type] = [
    Absent.self,
    Directory.self,
    File.self,
    Line.self,
]
