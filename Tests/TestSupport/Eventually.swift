extension Duration {
    /// How long a test waits for what surely comes: reached only where something hangs, also on a machine on which much
    /// else runs. What is shown to be fast has a limit of its own.
    public static let eventually = Duration.seconds(180)
}
