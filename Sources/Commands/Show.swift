import ArgumentParser
import Model
import PlanFile
import Report

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a plan that kubani plan --out saved.",
        discussion: """
            EXAMPLES
              kubani plan --out friday.plan
              kubani show friday.plan
              kubani show friday.plan --json | jq '.hosts[].tasks[] | select(.verdict == "change")'
              kubani apply friday.plan

            No host is asked. Secrets are not in the file: a seal stands for each.
            """)

    @Argument(help: "A saved plan.", completion: .file())
    var file: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = Console()
        let saved = try SavedPlan.read(file)
        if output.json { return console.print(JSONText.pretty(saved.json)) }
        console.print(head(saved, console.style))
        console.print(PlanText(style: console.style, listsAll: output.verbose > 0).render(saved.plan))
    }

    private func head(_ saved: SavedPlan, _ style: Style) -> String {
        let request = saved.request
        var lines = ["Made by \(saved.by) at \(saved.created) with kubani \(saved.program), of \(request.inventory)"]
        if let limit = request.limit { lines.append("--limit \(limit)") }
        if !request.tags.isEmpty { lines.append("--tags \(request.tags.joined(separator: ","))") }
        if !request.skipTags.isEmpty { lines.append("--skip-tags \(request.skipTags.joined(separator: ","))") }
        if request.withholds { lines.append("--extra-vars with a secret, which kubani apply wants again") }
        return lines.map { style.tinted($0.printable, .dim) }.joined(separator: "\n") + "\n"
    }
}
