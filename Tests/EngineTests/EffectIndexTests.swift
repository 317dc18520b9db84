import Model
import Testing

@testable import Planner

@Suite struct EffectIndexTests {
    private struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    private static let names = ["a", "b", "ab"]

    private static func effect(_ random: inout Random) -> Effect {
        let path = (0..<Int.random(in: 0...3, using: &random)).map { _ in "/" + names.randomElement(using: &random)! }
            .joined()
        let whole = path.isEmpty ? "/" : path
        let name = names.randomElement(using: &random)!
        return [
            .path(whole), .path(whole), .entry(whole), .cluster(whole), .package(name), .packages, .unit(name), .sysctl,
            .swap, .firewall, .everything,
        ].randomElement(using: &random)!
    }

    @Test("what it finds is what asking each place would find", arguments: 0..<200)
    func likeAskingEach(seed: Int) {
        var random = Random(state: UInt64(seed))
        var index = EffectIndex()
        var places: [(place: Int, effects: [Effect])] = []
        for place in 0..<Int.random(in: 0...12, using: &random) where Bool.random(using: &random) {
            let effects = (0..<Int.random(in: 0...2, using: &random)).map { _ in Self.effect(&random) }
            index.add(effects, at: place)
            places.append((place, effects))
        }
        for _ in 0..<40 {
            let asked = (0..<Int.random(in: 0...2, using: &random)).map { _ in Self.effect(&random) }
            let limit = Int.random(in: 0...12, using: &random)
            let wanted = places.last { one in
                one.place <= limit && one.effects.contains { t in asked.contains { $0.overlaps(t) } }
            }
            #expect(index.last(overlapping: asked, upTo: limit) == wanted?.place, "\(asked) in \(places)")
        }
    }
}
