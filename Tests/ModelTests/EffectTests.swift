import Model
import Testing

@Suite struct EffectTests {
    @Test(
        "a path covers what is below it, an entry only itself",
        arguments: [
            (Effect.path("/etc/a"), Effect.path("/etc/a/b"), true), (.path("/etc/a"), .path("/etc/ab"), false),
            (.entry("/etc/a"), .path("/etc/a/b"), false), (.entry("/etc/a"), .path("/etc/a"), true),
            (.entry("/etc/a"), .path("/etc"), true), (.entry("/etc/a"), .entry("/etc/a"), true),
            (.path("/"), .path("/etc"), true), (.path("/"), .entry("/etc"), true), (.entry("/"), .path("/etc"), false),
            (.cluster("/"), .cluster("/api/v1/nodes"), true), (.cluster("/api/v1"), .cluster("/api/v1x"), false),
            (.entry("/etc/a"), .entry("/etc"), false), (.entry("/etc/a"), .everything, true),
        ])
    func overlap(a: Effect, b: Effect, overlaps: Bool) {
        #expect(a.overlaps(b) == overlaps)
        #expect(b.overlaps(a) == overlaps)
    }
}
