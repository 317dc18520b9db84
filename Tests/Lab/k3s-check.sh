# shellcheck shell=bash
# What k3s-check does and says things with.

net=${LAB_NET:-100.64.0}
read -r first second <<<"$CLUSTER_VERSIONS"
export first second

address() { echo "$net.$((10 + ${1#n}))"; }
# As root on a node.
on() { # NODE COMMAND...
    local node=$1
    shift
    "$nodes" ssh "$node" "sudo sh -c $(printf %q "$*")"
}
kubectl() { # NODE ARGUMENTS...
    local node=$1
    shift
    on "$node" "k3s kubectl $*"
}
etcdctl() { # NODE ARGUMENTS...
    local node=$1
    shift
    on "$node" "cd /var/lib/rancher/k3s/server/tls/etcd && ETCDCTL_API=3 /opt/lab/bin/$first/etcdctl" \
        "--endpoints=https://127.0.0.1:2379 --cacert=server-ca.crt --cert=client.crt --key=client.key $*"
}
members() { etcdctl "$1" member list; }
journal() { on "$1" "journalctl -q --no-pager -o cat -u $2"; }
# A field of a node, as node N1's API has it.
field() { kubectl "$1" "get node $2 -o 'jsonpath={$3}'"; } # N1 NODE PATH
ready() { [ "$(field "$1" "$2" '.status.conditions[?(@.type=="Ready")].status')" = True ]; }

milliseconds() { echo $(($(date +%s%N) / 1000000)); }
begin() { began=$(milliseconds); }
say() {
    local now
    now=$(($(milliseconds) - began))
    printf '%4d.%d s  %s\n' $((now / 1000)) $((now % 1000 / 100)) "$*"
}
fail() {
    echo "FAILED: $*" >&2
    exit 1
}
# Tries until it succeeds, and says how long that took.
until_ok() { # SECONDS WHAT COMMAND...
    local patience=$1 what=$2 start
    shift 2
    start=$(milliseconds)
    until "$@" >/dev/null 2>&1; do
        [ $(($(milliseconds) - start)) -lt "${patience}000" ] ||
            fail "$what: not within $patience s: $("$@" 2>&1 | tail -n 3)"
        sleep 0.2
    done
    say "$what: $(($(milliseconds) - start)) ms"
}
expect() { # WHAT PATTERN COMMAND...
    local what=$1 pattern=$2 output
    shift 2
    output=$("$@" 2>&1) || true
    grep -qE -- "$pattern" <<<"$output" || fail "$what: no '$pattern' in: $output"
    say "$what"
}

install_k3s() { # NODE VERSION
    on "$1" "cd /usr/local/bin && curl -sf -o .k3s $mirror/${2/+/%2B}/k3s && chmod 755 .k3s && mv .k3s k3s"
}
# A config.yaml with what kubani would write and more lines from stdin, and k3s's unit.
configure() { # NODE server|agent
    local unit=k3s
    [ "$2" = server ] || unit=k3s-agent
    {
        printf 'node-name: %s\nnode-ip: %s\nflannel-iface: tailscale0\n' "$1" "$(address "$1")"
        [ "$2" != server ] ||
            printf 'advertise-address: %s\ntls-san:\n  - %s.example.com\n' "$(address "$1")" "$1"
        cat
    } | "$nodes" ssh "$1" 'sudo sh -c "mkdir -p /etc/rancher/k3s && umask 077 && cat >/etc/rancher/k3s/config.yaml"'
    "$nodes" ssh "$1" "sudo sh -c 'cat >/etc/systemd/system/$unit.service'" <<UNIT
[Unit]
Wants=network-online.target
After=network-online.target
[Service]
Type=notify
KillMode=process
Delegate=yes
LimitNOFILE=1048576
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStart=/usr/local/bin/k3s $2
[Install]
WantedBy=multi-user.target
UNIT
    on "$1" "systemctl daemon-reload && systemctl enable -q $unit"
}
start() { until_ok 60 "$2 of $1 has started" on "$1" "systemctl start $2 && systemctl is-active $2"; }
