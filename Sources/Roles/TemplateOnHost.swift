import Model
import OrderedCollections
import Template

/// A task's template on a host: what all items of its loop have in common. One object, for what a large inventory has
/// thousands of is to be small.
final class TemplateOnHost: Sendable {
    let role: Role
    let template: TaskTemplate
    let host: String
    let site: Site
    /// The host's variables, the role's defaults below them.
    let scope: VariableScope
    /// Its own and its role's tags, and the role's name.
    let tags: Set<String>

    init(role: Role, template: TaskTemplate, host: String, site: Site, scope: VariableScope) {
        self.role = role
        self.template = template
        self.host = host
        self.site = site
        self.scope = scope
        tags = Set(role.tags + template.tags + [role.name])
    }

    func scope(item: Value?) -> OverlaidScope { Self.scope(scope, item: item) }

    static func scope(_ scope: VariableScope, item: Value?) -> OverlaidScope {
        OverlaidScope(item.map { ["item": $0] } ?? [:], over: scope)
    }
}
