import Model
import Testing

@Suite struct SecretNameTests {
    @Test(
        "a name tells whether its value is secret",
        arguments: [
            ("ansible_password", true), ("k3s_token", true), ("token", true), ("REGISTRY_PASSWORD", true),
            ("tailscale_authkey", true), ("tokens", false), ("password_length", false), ("compass", false), ("", false),
        ])
    func names(name: String, isSecret: Bool) { #expect(SecretName.isSecret(name) == isSecret) }

    @Test("parts of maps and of lists of maps are marked by their keys; a marked whole stays marked")
    func parts() throws {
        let value: Value = ["user": "u", "auth": ["password": "x"], "all": [["token": "t", "host": "h"]]]
        let marked = value.named("registries")
        #expect(!marked.isSensitive && marked == value)
        #expect(marked["user"]?.isSensitive == false)
        #expect(marked["auth"]?["password"]?.isSensitive == true)
        #expect("\(marked)" == "{user: u, auth: {password: (sensitive)}, all: [{token: (sensitive), host: h}]}")
        #expect(value.named("my_secret").isSensitive)
    }
}
