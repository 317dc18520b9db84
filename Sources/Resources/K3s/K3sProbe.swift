import Model

/// The look at whatever k3s there is on a machine, whoever set it up: `K3sMachine` reads what this prints.
enum K3sProbe {
    /// Records, each ended by NUL. First every file that says something to k3s, its path and its text: units that name
    /// k3s and their drop-ins, files of their environment, configuration files; an empty record ends them. Then each
    /// folder that may be k3s's data: its path, the same without links, what is in it, and the fingerprint of its
    /// cluster's authority; an empty record ends them. Then single records.
    ///
    /// Which files and folders a unit names is found roughly, word by word: one too many does no harm, and what exactly
    /// is meant is for the reader to say. No file is read that is none, such as a pipe. Without k3s this is one process.
    static let script: Script = """
        k3s_dirs='/etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system'
        if [ ! -L /lib ]; then k3s_dirs="$k3s_dirs /lib/systemd/system"; fi
        k3s_told=' ' k3s_words=
        k3s_tell() {
        [ -f "$1" ] && [ -r "$1" ] || return 0
        case $k3s_told in *" $1 "*) return 0 ;; esac
        k3s_told="$k3s_told$1 "
        printf '%s\\0' "$1"
        while IFS= read -r k3s_line || [ -n "$k3s_line" ]; do
        printf '%s\\n' "$k3s_line"
        k3s_words="$k3s_words $k3s_line"
        done <"$1"
        printf '\\0'
        }
        k3s_find() {
        set --
        for k3s_dir in $k3s_dirs; do
        for k3s_file in "$k3s_dir"/*.service; do
        if [ -f "$k3s_file" ] && [ -r "$k3s_file" ]; then set -- "$@" "$k3s_file"; fi
        done
        done
        grep -ls k3s "$@" /dev/null
        }
        # The part of a word that is a path, without the marks around it.
        k3s_path() {
        k3s_word=
        case $1 in
        */*)
        k3s_word=/${1#*/}
        case $1 in *://*) k3s_word= ;; esac
        while :; do
        case $k3s_word in
        *[]\\"\\'\\,\\}\\;]) k3s_word=${k3s_word%?} ;;
        ?*/) k3s_word=${k3s_word%/} ;;
        *) break ;;
        esac
        done
        ;;
        esac
        }
        k3s_units=$(k3s_find)
        k3s_names='k3s k3s-agent'
        for k3s_file in $k3s_units; do
        k3s_name=${k3s_file##*/} k3s_name=${k3s_name%.service}
        case " $k3s_names " in *" $k3s_name "*) ;; *) k3s_names="$k3s_names $k3s_name" ;; esac
        done
        for k3s_name in $k3s_names; do
        for k3s_dir in $k3s_dirs; do
        for k3s_file in "$k3s_dir/$k3s_name.service" "$k3s_dir/$k3s_name.service.d"/*.conf "$k3s_dir/service.d"/*.conf; do
        k3s_tell "$k3s_file"
        done
        done
        done
        k3s_unit_words=$k3s_words
        for k3s_name in $k3s_names; do
        for k3s_file in "/etc/default/$k3s_name" "/etc/sysconfig/$k3s_name" "/etc/systemd/system/$k3s_name.service.env"; do
        k3s_tell "$k3s_file"
        done
        done
        set -f
        for k3s_each in $k3s_unit_words; do
        case $k3s_each in
        *EnvironmentFile=*)
        k3s_path "$k3s_each"
        case $k3s_word in
        *%[Nnp]*)
        for k3s_name in $k3s_names; do
        k3s_tell "${k3s_word%%\\%*}$k3s_name${k3s_word#*%?}"
        k3s_tell "${k3s_word%%\\%*}$k3s_name.service${k3s_word#*%?}"
        done
        ;;
        ?*) k3s_tell "$k3s_word" ;;
        esac
        ;;
        esac
        done
        k3s_program= k3s_settings=/etc/rancher/k3s/config.yaml k3s_before=
        for k3s_each in $k3s_words; do
        case $k3s_before$k3s_each in
        *onfig[=\\ \\"\\']* | *CONFIG_FILE=* | *-c[=\\ \\"\\']*)
        k3s_path "$k3s_each"
        k3s_settings="$k3s_settings $k3s_word"
        ;;
        esac
        case $k3s_each in \\\\) ;; *) k3s_before="$k3s_each " ;; esac
        done
        for k3s_each in $k3s_unit_words; do
        k3s_path "$k3s_each"
        case $k3s_word in
        */k3s | */k3s-arm*) if [ -z "$k3s_program" ] && [ -f "$k3s_word" ] && [ -x "$k3s_word" ]; then k3s_program=$k3s_word; fi ;;
        esac
        done
        set +f
        for k3s_each in $k3s_settings; do
        k3s_tell "$k3s_each"
        for k3s_file in "$k3s_each.d"/*; do
        case $k3s_file in *.[yY][aA][mM][lL] | *.[yY][mM][lL]) k3s_tell "$k3s_file" ;; esac
        done
        done
        printf '\\0'
        k3s_folder() {
        case $k3s_told in *" $1 "*) return 0 ;; esac
        k3s_told="$k3s_told$1 "
        if [ ! -d "$1/server" ] && [ ! -d "$1/agent" ]; then return 0; fi
        k3s_has=
        for k3s_part in server server/db/etcd server/db/state.db server/token agent agent/kubelet.kubeconfig; do
        if [ -e "$1/$k3s_part" ]; then k3s_has="$k3s_has $k3s_part"; fi
        done
        k3s_hash=
        for k3s_file in "$1/server/tls/server-ca.crt" "$1/agent/server-ca.crt"; do
        if [ -z "$k3s_hash" ] && [ -f "$k3s_file" ]; then k3s_hash=$(sha256sum "$k3s_file" 2>/dev/null); fi
        done
        printf '%s\\0' "$1" "$(cd -P "$1" 2>/dev/null && pwd -P)" "$k3s_has" "${k3s_hash%% *}"
        }
        set -f
        k3s_told=' '
        k3s_folder /var/lib/rancher/k3s
        for k3s_each in $k3s_words; do
        case $k3s_each in
        */*)
        k3s_path "$k3s_each"
        if [ -n "$k3s_word" ]; then k3s_folder "$k3s_word"; fi
        ;;
        esac
        done
        set +f
        printf '\\0'
        for k3s_each in /usr/local/bin/k3s /usr/bin/k3s /opt/bin/k3s; do
        if [ -z "$k3s_program" ] && [ -f "$k3s_each" ] && [ -x "$k3s_each" ]; then k3s_program=$k3s_each; fi
        done
        k3s_version=
        if [ -n "$k3s_program" ]; then k3s_version=$("$k3s_program" --version 2>/dev/null </dev/null); fi
        k3s_id=
        if [ -f /etc/rancher/node/id ]; then IFS= read -r k3s_id </etc/rancher/node/id; fi
        k3s_host=
        if [ -r /proc/sys/kernel/hostname ]; then IFS= read -r k3s_host </proc/sys/kernel/hostname; fi
        k3s_kubeconfig=
        if [ -e /etc/rancher/k3s/k3s.yaml ]; then k3s_kubeconfig=yes; fi
        k3s_other=
        for k3s_each in rke2-server rke2-agent k0scontroller k0sworker snap.microk8s.daemon-kubelite \
        snap.microk8s.daemon-kubelet; do
        for k3s_dir in $k3s_dirs; do
        if [ -z "$k3s_other" ] && [ -e "$k3s_dir/$k3s_each.service" ]; then k3s_other=$k3s_dir/$k3s_each.service; fi
        done
        done
        if [ -z "$k3s_other" ] && [ -e /etc/kubernetes/kubelet.conf ]; then k3s_other=/etc/kubernetes/kubelet.conf; fi
        printf '%s\\0' "$k3s_program" "$k3s_version" "$k3s_id" "$k3s_host" "$k3s_kubeconfig" "$k3s_other"
        """
}
