#!/bin/sh
# Written by kubani. Takes k3s off this machine, with all that it keeps here. The cluster still knows the node:
# `kubani remove-node` does both.
[ "$(id -u)" -eq 0 ] || exec sudo -- "$0" "$@"
data={{ k3s_data_dir | quote }}

/usr/local/bin/k3s-killall.sh

for unit in k3s k3s-agent; do
    systemctl disable "$unit" 2>/dev/null
    rm -rf "/etc/systemd/system/$unit.service" "/etc/systemd/system/$unit.service.env" "/etc/systemd/system/$unit.service.d"
done
rm -f /etc/systemd/system/tailscaled.service.d/k3s.conf
rmdir /etc/systemd/system/tailscaled.service.d 2>/dev/null
systemctl daemon-reload
# One that ended badly would stay known, though its file is gone.
systemctl reset-failed k3s k3s-agent 2>/dev/null

# What is mounted below stays: it is somebody's volume.
clean() {
    if ! grep -q " $1" /proc/mounts; then
        # A process that is on its way out may still write there.
        for try in 1 2 3 4 5; do
            rm -rf "$1" 2>/dev/null
            [ -e "$1" ] || return
            sleep 1
        done
        return
    fi
    for entry in "$1"/* "$1"/.[!.]*; do
        [ -e "$entry" ] || continue
        grep -q " $entry " /proc/mounts || clean "$entry"
    done
}
rm -rf /etc/rancher /run/k3s /run/flannel
clean "$data"
clean /var/lib/kubelet
for name in kubectl crictl ctr; do
    case $(readlink "/usr/local/bin/$name") in k3s | /usr/local/bin/k3s) rm -f "/usr/local/bin/$name" ;; esac
done
rm -f /usr/local/bin/k3s /usr/local/bin/k3s-killall.sh /usr/local/bin/k3s-uninstall.sh /usr/local/bin/k3s-agent-uninstall.sh
rmdir /var/lib/rancher 2>/dev/null
exit 0
