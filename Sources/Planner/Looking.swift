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
    }

    private var scripted: [Place: [(vertex: Int, resource: any ShellKind)]] = [:]
    private var asked: [ClusterAccess: [(vertex: Int, resource: any ClusterKind)]] = [:]
    private var exports: [String: [Export]] = [:]
    private var slow: Set<String> = []
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

    /// A host whose looks are known to take longer than they may together: there each has its own time from the start.
    public mutating func takeApart(host: String) { slow.insert(host) }

    public func take(through reach: Reach) async -> Answer {
        await withTaskGroup(of: Answer.self) { group in
            for place in Set(scripted.keys).union(exports.keys.map { .node($0) }) {
                group.addTask { await look(at: place, through: reach) }
            }
            for (access, wanted) in asked {
                group.addTask { await Self.ask(wanted, of: await reach.cluster(access)) }
            }
            var all = Answer()
            for await answer in group {
                all.looks.merge(answer.looks) { $1 }
                all.exports.merge(answer.exports) { $1 }
                all.lost.merge(answer.lost) { $1 }
            }
            return all
        }
    }

    private func look(at place: Place, through reach: Reach) async -> Answer {
        let wanted = scripted[place] ?? []
        switch place {
        case .node(let host):
            guard let shell = reach.shells[host] else { return Answer() }
            return await look(wanted, exports[host] ?? [], in: shell, isApart: slow.contains(host)) { failure in
                Answer(lost: [host: failure])
            }
        case .laptop:
            return await look(wanted, [], in: reach.laptop) { failure in
                Answer(looks: Dictionary(uniqueKeysWithValues: wanted.map { ($0.vertex, .failure(failure)) }))
            }
        case .cluster: return Answer()
        }
    }

    private func look(
        _ wanted: [(vertex: Int, resource: any ShellKind)], _ exports: [Export], in shell: any NodeShell,
        isApart: Bool = false, orElse failed: (Failure) -> Answer
    ) async -> Answer {
        func asking(isApart: Bool) -> ProbeBatch {
            ProbeBatch(
                wanted.map(\.resource), exports: exports, marker: Marker.random(), isApart: isApart, patience: patience)
        }
        do throws(Failure) {
            var batch = asking(isApart: isApart)
            var outcomes = try await shell.perform([batch.step])
            if !isApart, outcomes.first?.timedOut == true {
                batch = asking(isApart: true)
                outcomes = try await shell.perform([batch.step])
            }
            guard let outcome = outcomes.first else { return Answer() }
            let read = batch.read(outcome, host: shell.host)
            var answer = Answer(exports: read.exports)
            for (one, found) in zip(wanted, read.looks) {
                answer.looks[one.vertex] = found.map { Look(one.resource, found: $0) }
            }
            return answer
        } catch {
            return failed(error)
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
