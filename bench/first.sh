# What bench/roles makes of a new node, hand written, one shell: nothing is looked at first. NET is put in by bench/run.
exec 2>&1
set -e
name=$(hostname)
mkdir -p /etc/rancher/k3s
mkdir -p -m 700 /var/lib/rancher/k3s
printf 'br_netfilter\noverlay\n' >/etc/modules-load.d/k8s.conf
printf 'net.ipv4.ip_forward = 1\n' >/etc/sysctl.d/90-k8s.conf
sysctl -qw net.ipv4.ip_forward=1
(umask 077; printf 'node-ip: "%s"\nflannel-iface: tailscale0\nnode-name: %s\n' "NET.1${name#n}" "$name" >/etc/rancher/k3s/config.yaml)
for n in 1 2 3 4; do echo "NET.1$n n$n"; done >>/etc/hosts
sed -i '/\sswap\s/d' /etc/fstab
printf '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' >/etc/systemd/system/demo.service
systemctl daemon-reload
systemctl enable --now demo
rm -f /usr/local/bin/k3s
useradd --system k3sops
for i in 1 2 3 4; do printf %s "$i" >/etc/kubani-$i; done
