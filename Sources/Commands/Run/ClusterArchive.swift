import Model
import Report

/// A cluster's state in a file: a gzipped tar of `manifest.json`, the token, and an etcd snapshot or the sqlite database.
struct ClusterArchive: Sendable {
    var cluster: String
    var server: String
    var version: String
    /// etcd or sqlite.
    var datastore: String
    /// k3s's data folder on the server.
    var folder: String

    /// Writes the archive to standard output. What lies on the node meanwhile is beside what k3s keeps there itself, and
    /// as tight; a folder left by a backup that was cut short goes first.
    var pack: Script {
        let manifest = JSONText.line([
            "cluster": .string(cluster), "server": .string(server), "k3s_version": .string(version),
            "datastore": .string(datastore),
        ])
        return """
            umask 077
            server=\(folder)/server
            work=$server/kubani-backup
            rm -rf "$work" && mkdir -p "$work/snapshot" || exit
            trap 'rm -rf "$work"' EXIT
            printf '%s\\n' \(manifest) >"$work/manifest.json"
            \(datastore == "etcd" ? snapshot : copy)
            """
    }

    private var snapshot: Script {
        """
        name=kubani-backup-$$
        said=$(/usr/local/bin/k3s etcd-snapshot save --name "$name" 2>&1) || {
            printf '%s\\n' "$said" | tail -n 5 >&2
            exit 1
        }
        for found in "$server/db/snapshots/$name"*; do [ -f "$found" ] && file=$found; done
        [ -n "$file" ] || { echo "k3s made no snapshot" >&2; exit 1; }
        mv "$file" "$work/snapshot/etcd" || exit
        tar -C "$work" -czf - manifest.json snapshot -C "$server" token
        """
    }

    /// Containers go on without k3s. It is started again whatever becomes of the copy.
    private var copy: Script {
        """
        trap 'systemctl start k3s; rm -rf "$work"' EXIT
        systemctl stop k3s || exit
        tar -C "$work" -czf - manifest.json -C "$server" token db
        """
    }
}
