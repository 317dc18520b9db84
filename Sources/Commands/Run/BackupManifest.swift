import Model
import Subprocess
import YAML

/// What a backup says of itself.
struct BackupManifest: Sendable {
    var cluster: String
    var version: String
    /// etcd or sqlite.
    var datastore: String

    /// - Throws: where the file is no backup.
    static func read(_ file: String) async throws(InputErrors) -> BackupManifest {
        // The system's tar knows gzip; nothing else of the archive is unpacked here.
        let result = try? await Subprocess.run(
            .name("tar"), arguments: ["-xzOf", file, "manifest.json"], output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16))
        guard let result, result.terminationStatus.isSuccess,
            let json = try? YAML.value(Array(result.standardOutput.utf8), file: file),
            let datastore = json["datastore"]?.string, ["etcd", "sqlite"].contains(datastore)
        else {
            throw InputErrors(
                InputError("\(file) is not a backup", hint: "kubani backup makes one; is the file there, and whole?"))
        }
        return BackupManifest(
            cluster: json["cluster"]?.string ?? "", version: json["k3s_version"]?.string ?? "", datastore: datastore)
    }
}
