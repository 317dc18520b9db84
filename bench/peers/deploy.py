# The twenty tasks of bench/roles in pyinfra's terms.
from io import StringIO

from pyinfra import host
from pyinfra.operations import apt, files, server, systemd


def put(path, text, mode="644"):
    files.put(src=StringIO(text), dest=path, mode=mode)


files.directory(path="/etc/rancher/k3s", mode="755")
files.directory(path="/var/lib/rancher/k3s", mode="700")
apt.packages(packages=["curl", "ca-certificates", "procps", "iptables"])
put("/etc/modules-load.d/k8s.conf", "br_netfilter\noverlay\n")
put("/etc/sysctl.d/90-k8s.conf", "net.ipv4.ip_forward = 1\n")
server.sysctl(key="net.ipv4.ip_forward", value=1)
put(
    "/etc/rancher/k3s/config.yaml",
    f'node-ip: "{host.data.tailscale_ip}"\nflannel-iface: tailscale0\nnode-name: {host.name}\n',
    "600",
)
for line in host.data.peers:
    files.line(path="/etc/hosts", line=line)
files.line(path="/etc/fstab", line=r"^.*\sswap\s.*", present=False)
put(
    "/etc/systemd/system/demo.service",
    "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n",
)
systemd.service(service="demo", running=True, enabled=True)
files.file(path="/usr/local/bin/k3s", present=False)
server.user(user="k3sops", system=True)
for i in range(1, 5):
    put(f"/etc/kubani-{i}", str(i))
