import Model

/// What is to be looked at in one round: a request a node, one for the laptop, one for each cluster, all at once.
public struct Looking: Sendable {
    public struct Answer: Sendable {
        /// By vertex.
        public var looks: [Int: Result<Look, Failure>] = [:]
        /// By their keys.
        public var exports: [String: Value] = [:]
        /// Nodes that did not answer.
        public var lost: [String: Failure] = [:]
        var places = NodePaths()
    }

    private var scripted: [Place: [(vertex: Int, resource: any ShellKind)]] = [:]
    private var asked: [ClusterAccess: [(vertex: Int, resource: any ClusterKind)]] = [:]
    private var exports: [String: [Export]] = [:]
    private var slow: Set<String> = []
    /// Hosts of which it is asked, too, where the paths that are touched there really are.
    private var traced: Set<String> = []
    private let patience: Duration

    /// - Parameter patience: how long all looks of a place together may take before each is given its own time.
    public init(patience: Duration = ProbeBatch.patience) { self.patience = patience }

    public var isEmpty: Bool { scripted.isEmpty && asked.isEmpty && exports.isEmpty }

    public mutating func add(_ vertex: Int, _ resource: any ResourceKind, host: String) {
        if let kind = resource as? any ClusterKind {
            asked[kind.access, default: []].append((vertex, kind))
        } else if let kind = resource as? any ShellKind {
            scripted[Place(resource, host: host), default: []].append((vertex, kind))
        }
    }

    public mutating func add(_ export: Export, host: String) { exports[host, default: []].append(export) }

    /// Of such a host it is asked, too, which of the paths that tasks touch are reached through links.
    mutating func trace(host: String) { traced.insert(host) }

    /// A host whose looks are known to take longer than they may together: there each has its own time from the start.
    public mutating func takeApart(host: String) { slow.insert(host) }

    /// - Parameter tell: hears what is waited for where a look takes long.
    public func take(
        through reach: Reach, tell: @escaping @Sendable (Event) -> Void = { _ in }
    ) async -> Answer {
        await withTaskGroup(of: Answer.self) { group in
            for place in Set(scripted.keys).union(exports.keys.map { .node($0) }) {
                group.addTask { await look(at: place, through: reach, tell) }
            }
            for (access, wanted) in asked {
                group.addTask { await Self.ask(wanted, of: await reach.cluster(access)) }
            }
            var all = Answer()
            for await answer in group {
                all.looks.merge(answer.looks) { $1 }
                all.exports.merge(answer.exports) { $1 }
                all.lost.merge(answer.lost) { $1 }
                all.places.merge(answer.places)
            }
            return all
        }
    }

    private func look(
        at place: Place, through reach: Reach, _ tell: @escaping @Sendable (Event) -> Void
    ) async -> Answer {
        let wanted = scripted[place] ?? []
        switch place {
        case .node(let host):
            guard let shell = reach.shells[host] else { return Answer() }
            let looks = PlaceLooks(
                wanted: wanted, exports: exports[host] ?? [], traces: traced.contains(host), patience: patience,
                shell: shell, tell: tell)
            return await looks.take(isApart: slow.contains(host)) { failure in
                Answer(lost: [host: failure])
            }
        case .laptop:
            let looks = PlaceLooks(
                wanted: wanted, exports: [], traces: false, patience: patience, shell: reach.laptop, tell: tell)
            return await looks.take(isApart: false) { failure in
                Answer(looks: Dictionary(uniqueKeysWithValues: wanted.map { ($0.vertex, .failure(failure)) }))
            }
        case .cluster: return Answer()
        }
    }

    /// One batch of questions: what several resources ask alike is asked once.
    private static func ask(
        _ wanted: [(vertex: Int, resource: any ClusterKind)], of cluster: any Cluster
    ) async -> Answer {
        var questions: [ClusterQuestion] = []
        var places: [ClusterQuestion: Int] = [:]
        for question in wanted.flatMap(\.resource.questions) where places[question] == nil {
            places[question] = questions.count
            questions.append(question)
        }
        let told = await cluster.answer(questions)
        var answer = Answer()
        for (vertex, resource) in wanted {
            do throws(Failure) {
                var answers: [ClusterAnswer] = []
                for question in resource.questions {
                    guard let place = places[question], place < told.count else { continue }
                    answers.append(try told[place].get())
                }
                answer.looks[vertex] = .success(try Look(reading: answers, for: resource))
            } catch {
                answer.looks[vertex] = .failure(error)
            }
        }
        return answer
    }
}

extension Look {
    fileprivate init<Kind: ClusterKind>(reading answers: [ClusterAnswer], for resource: Kind) throws(Failure) {
        self.init(resource, found: try resource.read(answers))
    }
}
