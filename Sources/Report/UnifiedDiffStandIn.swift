enum UnifiedDiff { static func lines(from: String, to: String) -> [String] { [] } }
