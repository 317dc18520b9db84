#!/bin/sh
# Written by kubani. Ends k3s and all that it started: containers, their mounts, networks and firewall rules. What
# Tailscale advertises is left as it is.
[ "$(id -u)" -eq 0 ] || exec sudo -- "$0" "$@"
data={{ k3s_data_dir | quote }}

for unit in k3s k3s-agent; do
    [ ! -e "/etc/systemd/system/$unit.service" ] || systemctl stop "$unit"
done

# Containers outlive k3s: their shims, and whatever runs below those.
below() {
    for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
        echo "$child"
        below "$child"
    done
}
for process in /proc/[0-9]*; do
    case $(tr '\000' ' ' <"$process/cmdline" 2>/dev/null) in
    "$data"/data/*/bin/containerd-shim*)
        shim=${process#/proc/}
        kill -KILL "$shim" $(below "$shim") 2>/dev/null
        ;;
    esac
done

# The innermost mounts first.
for top in /run/k3s /var/lib/kubelet/pods /var/lib/kubelet/plugins /run/netns/cni-; do
    while read -r _ place _; do
        case $place in "$top"*) printf '%s\n' "$place" ;; esac
    done </proc/self/mounts | sort -r | while read -r place; do
        umount -f "$place" && rm -rf "$place"
    done
done

if command -v ip >/dev/null; then
    ip netns list 2>/dev/null | while read -r name _; do
        case $name in cni-*) ip netns delete "$name" ;; esac
    done
    for link in /sys/class/net/*; do
        [ "$(basename "$(readlink "$link/master" 2>/dev/null)" 2>/dev/null)" != cni0 ] || ip link delete "${link##*/}"
    done
    for name in cni0 flannel.1 flannel-v6.1 flannel-wg flannel-wg-v6 kube-ipvs0; do
        [ ! -e "/sys/class/net/$name" ] || ip link delete "$name"
    done
fi
rm -rf /var/lib/cni

for tables in iptables ip6tables; do
    command -v "$tables-save" >/dev/null || continue
    rules=$("$tables-save" 2>/dev/null)
    printf '%s\n' "$rules" | grep -q -e KUBE- -e CNI- -e flannel || continue
    printf '%s\n' "$rules" | grep -v -e KUBE- -e CNI- | grep -vi flannel | "$tables-restore"
done
exit 0
