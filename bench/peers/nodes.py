# pyinfra's inventory, from the one that kubani and Ansible read (BENCH_INVENTORY).
import os

import yaml

_all = yaml.safe_load(open(os.environ["BENCH_INVENTORY"]))["all"]
_found = {n: v for group in _all["children"].values() for n, v in (group["hosts"] or {}).items()}
_known_hosts = _all["vars"]["ansible_ssh_common_args"].split("UserKnownHostsFile=")[1].split()[0]

nodes = [
    (
        name,
        {
            "ssh_hostname": v["ansible_host"],
            "ssh_port": v.get("ansible_port", 22),
            "ssh_user": _all["vars"]["ansible_user"],
            "ssh_key": _all["vars"]["ansible_ssh_private_key_file"],
            "ssh_known_hosts_file": _known_hosts,
            "tailscale_ip": v["tailscale_ip"],
            "peers": [f"{w['tailscale_ip']} {n}" for n, w in _found.items()],
        },
    )
    for name, v in _found.items()
]
