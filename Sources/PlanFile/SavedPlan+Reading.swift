import Model
import OrderedCollections
import YAML

extension SavedPlan {
    /// - Parameter file: its name, for errors.
    /// - Throws: where the bytes are no saved plan, or one of a version that this program does not know.
    public init(reading bytes: [UInt8], file: String) throws(InputErrors) {
        func refuse(_ why: String) -> InputErrors {
            InputErrors(InputError("\(file) is not a saved plan: \(why)", hint: "kubani plan --out FILE makes one"))
        }
        let json: Value
        do throws(JSON.Mistake) { json = try JSON.read(bytes) } catch {
            throw refuse("it is no JSON: \(error.message) at byte \(error.offset)")
        }
        guard let version = json["kubani_plan"]?.int else { throw refuse("it does not say 'kubani_plan'") }
        guard version == Self.version else {
            throw InputErrors(
                InputError(
                    "\(file) is a plan of format \(version), and this kubani reads format \(Self.version)",
                    hint: "make a new one with this kubani: kubani plan --out FILE"))
        }
        let reader = SavedPlanReader()
        do throws(SavedPlanReader.Missing) { self = try reader.plan(json) } catch {
            throw refuse("\(error.what) is missing or of another type")
        }
    }
}

/// Takes a saved plan's JSON apart.
private struct SavedPlanReader {
    struct Missing: Error { var what: String }

    func plan(_ json: Value) throws(Missing) -> SavedPlan {
        var hosts: [HostPlan] = []
        var seals: [TaskPlace: String] = [:]
        for host in try list(json, "hosts") {
            let name = try text(host, "host")
            var plan = HostPlan(name: name)
            if let failure = host["unreachable"] { plan.unreachable = try self.failure(failure) }
            var places = TaskPlace.Counter(host: name)
            for (position, task) in try list(host, "tasks").enumerated() {
                let read = try self.task(task, host: name, position: position)
                let place = places.next(read)
                if let seal = task["seal"] { seals[place] = try required(seal.string, "seal") }
                plan.tasks.append(read)
            }
            hosts.append(plan)
        }
        return SavedPlan(
            created: try text(json, "created"), by: try text(json, "by"), program: try text(json, "kubani"),
            key: try text(json, "key"), request: try request(try required(json["request"], "request")),
            plan: Plan(hosts: hosts), seals: seals)
    }

    private func request(_ json: Value) throws(Missing) -> PlanRequest {
        var extraVars: [PlanRequest.Variables] = []
        for given in try list(json, "extra_vars") {
            if let text = given.string {
                extraVars.append(.given(text))
            } else {
                extraVars.append(.withheld(seal: try required(given["seal"]?.string, "extra_vars")))
            }
        }
        return PlanRequest(
            inventory: try text(json, "inventory"), limit: json["limit"]?.string, tags: try texts(json, "tags"),
            skipTags: try texts(json, "skip_tags"), roles: try texts(json, "roles"), extraVars: extraVars,
            variables: try required(json["variables"]?.map, "variables"))
    }

    private func task(_ json: Value, host: String, position: Int) throws(Missing) -> PlannedTask {
        PlannedTask(
            id: TaskID(host: host, role: try text(json, "role"), position: position, name: try text(json, "task")),
            kind: try text(json, "kind"), subject: try text(json, "subject"),
            isHandler: json["handler"]?.bool ?? false, verdict: try verdict(json),
            ignoresErrors: json["ignores_errors"]?.bool ?? false, warning: json["warning"]?.string)
    }

    private func verdict(_ json: Value) throws(Missing) -> Verdict {
        switch try text(json, "verdict") {
        case "unchanged": return .unchanged(try text(json, "found"))
        case "skipped": return .skipped(try text(json, "because"))
        case "change": return .change(try change(try required(json["change"], "change")))
        case "pending":
            var expected: Change?
            if let json = json["expected"] { expected = try change(json) }
            return .pending(because: try text(json, "because"), expected: expected)
        case "failed": return .failed(try failure(try required(json["failure"], "failure")))
        case "blocked": return .blocked(by: try text(json, "by"))
        default: throw Missing(what: "verdict")
        }
    }

    private func change(_ json: Value) throws(Missing) -> Change {
        let name = try text(json, "action")
        let action = try required(Action.allCases.first { $0.name == name }, "action")
        var details: [Detail] = []
        for detail in try list(json, "details") { details.append(try self.detail(detail)) }
        return Change(action, details: details, steps: [])
    }

    private func detail(_ json: Value) throws(Missing) -> Detail {
        if let note = json["note"]?.string { return .note(note) }
        if let name = json["attribute"]?.string {
            return .attribute(name, from: try shown(json["from"]), to: try shown(json["to"]))
        }
        let name = try text(json, "text")
        if let diff = json["diff"]?.string { return .diff(name, diff) }
        return .text(name, from: try shown(json["from"]), to: try shown(json["to"]))
    }

    private func shown(_ json: Value?) throws(Missing) -> Shown? {
        guard let json, !json.isNull else { return nil }
        if let text = json.string { return Shown(text) }
        return Shown(try text(json, "seal"), isSensitive: true)
    }

    private func failure(_ json: Value) throws(Missing) -> Failure {
        Failure(
            try required(Failure.Code(rawValue: try text(json, "code")), "code"), host: json["host"]?.string,
            deed: try text(json, "deed"), cause: try text(json, "cause"), detail: json["detail"]?.string,
            hint: json["hint"]?.string)
    }

    private func text(_ json: Value, _ key: String) throws(Missing) -> String { try required(json[key]?.string, key) }

    private func list(_ json: Value, _ key: String) throws(Missing) -> [Value] { try required(json[key]?.list, key) }

    private func texts(_ json: Value, _ key: String) throws(Missing) -> [String] {
        var texts: [String] = []
        for item in try list(json, key) { texts.append(try required(item.string, key)) }
        return texts
    }

    private func required<T>(_ value: T?, _ what: String) throws(Missing) -> T {
        guard let value else { throw Missing(what: "'\(what)'") }
        return value
    }
}
