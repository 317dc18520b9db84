import Model
import Testing

@Suite struct SecretNameTests {
    @Test(
        "a name tells whether its value is secret",
        arguments: [
            ("ansible_password", true), ("k3s_token", true), ("token", true), ("REGISTRY_PASSWORD", true),
            ("tailscale_authkey", true), ("tokens", true), ("passwords", true), ("api_key", true), ("apiKey", true),
            ("private_key", true), ("secret_key", true), ("aws_secret_access_key", true),
            ("AWS_SECRET_ACCESS_KEY", true),
            ("pass", true), ("credentials", true), ("vpn-auth", true), ("etcd-s3-secret-key", true),
            ("dbpassword", true),
            ("ansible_become_pasword", true), ("registry_passwrod", true), ("password_hash", true), ("password2", true),
            ("password_length", false), ("compass", false), ("bypass", false), ("", false), ("key", false),
            ("public_key", false), ("token_file", false), ("private_key_file", false),
            ("k3s_secrets_encryption", false),
            ("kubani_secrets", false), ("secret_name", false), ("passport_office", false), ("node_name", false),
        ])
    func names(name: String, isSecret: Bool) { #expect(SecretName.isSecret(name) == isSecret) }

    @Test("further names are whole names, with stars, whatever their case")
    func patterns() {
        let names = SecretNames(["my_pin", "home_*", "*_x?"])
        for name in ["my_pin", "MY_PIN", "home_", "home_door", "a_xy", "a_b_xy", "db_password"] {
            #expect(names.isSecret(name), "\(name)")
        }
        for name in ["my_pin2", "ahome_x", "a_x", "pin", ""] { #expect(!names.isSecret(name), "\(name)") }
        #expect(SecretNames(["*"]).isSecret("anything"))
    }

    @Test("parts of maps and of lists of maps are marked by their keys; a marked whole stays marked")
    func parts() throws {
        let value: Value = ["user": "u", "login": ["password": "x"], "all": [["token": "t", "host": "h"]]]
        let marked = value.named("registries")
        #expect(!marked.isSensitive && marked == value)
        #expect(marked["user"]?.isSensitive == false)
        #expect(marked["login"]?["password"]?.isSensitive == true)
        #expect("\(marked)" == "{user: u, login: {password: (sensitive)}, all: [{token: (sensitive), host: h}]}")
        #expect(value.named("my_secret").isSensitive)
        #expect(Value.bool(true).named("use_token").isSensitive == false)
        #expect("\(value.named("", by: SecretNames(["host"])))".contains("host: (sensitive)"))
    }

    @Test(
        "arguments that give a secret to something are secret themselves",
        arguments: [
            ("--token x", "(sensitive)"), ("--agent-token=x --debug", "(sensitive)"),
            ("--token {{ mine }}", "(sensitive)"), ("vpn-auth=name=a,joinKey=b", "(sensitive)"),
            (["--token", "x", "--debug"], "[--token, (sensitive), --debug]"),
            (["--token", "{{ x }}"], "[--token, (sensitive)]"), (["--vpn-auth=x", "a"], "[(sensitive), a]"),
            (["--token", "--debug"], "[--token, --debug]"), ("--token-file /x", "--token-file /x"),
        ] as [(Value, String)])
    func arguments(value: Value, shown: String) {
        #expect("\(value.named("k3s_server_args"))" == shown)
    }
}
