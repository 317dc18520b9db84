# Why {{ k3s_unit }} does not get on: looks at what it said since $began. Exits with 0 where waiting longer is no use.
unit={{ k3s_unit | quote }} url={{ k3s_asked_url | quote }}
# What it said before its settings were written is no longer so.
since=$((began - 10))
for written in $(stat -c %Z /etc/systemd/system/"$unit".service /etc/systemd/system/"$unit".service.env /etc/rancher/k3s/config.yaml /etc/rancher/k3s/config.yaml.d/* 2>/dev/null); do
    [ "$written" -le "$since" ] || since=$written
done
said=$(journalctl --no-pager --quiet --output=cat --unit="$unit" --since="@$since" --lines=200 2>/dev/null)
# What it said before it was stopped for a restart of ours is no longer so; a restart that systemd schedules goes on.
fresh=$(printf '%s\n' "$said" | awk '
    /Scheduled restart job/ { scheduled = 1 }
    /^Stopped / { if (!scheduled) n = 0; scheduled = 0 }
    { line[n++] = $0 }
    END { for (i = 0; i < n; i++) print line[i] }' 2>/dev/null)
[ -z "$fresh" ] || said=$fresh
age=$(($(date +%s) - began))
tell() { # CAUSE HINT
    printf '%s\n' "$said" | tail -n 12
    printf '%s\nhint: %s\n' "$1" "$2"
}
heard() { printf '%s\n' "$said" | grep -qiE "$1"; }

# A unit that is up has been let in: what it said on the way counts no more.
if [ "$(systemctl is-active "$unit" 2>/dev/null)" = active ]; then
    printf '%s\n' "$said" | tail -n 12
    exit 1
fi
if heard 'CA hash does not match'; then
    tell "the token belongs to another cluster: its hash of the CA is not that of $url" "is the node left over from an older cluster? kubani remove-node takes it off; then apply again"
    exit 0
fi
if heard 'node password rejected|duplicate hostname'; then
    tell "the name {{ inventory_hostname }} is taken: the cluster knows a node of this name with another password" "is that an earlier installation of this machine? kubectl -n kube-system delete secret {{ inventory_hostname }}.node-password.k3s forgets it; else give this machine another name"
    exit 0
fi
# Not the bare 401: a port such as 40122 has that in it.
if heard 'unauthorized|token rejected|not authorized'; then
    tell "the token was rejected by $url" "was the cluster's token changed? the servers have it in server/node-token; kubani apply takes it from there"
    exit 0
fi
if heard 'x509'; then
    if [ -n "$url" ] && command -v curl >/dev/null; then
        there=$(curl -skI --max-time 5 "$url/ping" | tr -d '\r' | sed -n 's/^[Dd]ate: //p')
        [ -z "$there" ] || there=$(date -d "$there" +%s 2>/dev/null)
        if [ -n "$there" ]; then
            skew=$(($(date +%s) - there))
            if [ "${skew#-}" -gt 60 ]; then
                tell "the clock of this machine is $skew s away from that of $url" "set the clock: timedatectl set-ntp true, or see why time synchronisation fails"
                exit 0
            fi
        fi
    fi
    if heard 'certificate has expired or is not yet valid'; then
        tell "by the clock of this machine ($(date -u '+%Y-%m-%d %H:%M') UTC) the certificate of ${url:-the API} is not valid" "is this clock right, and the server's? timedatectl set-ntp true, or see why time synchronisation fails"
        exit 0
    fi
    tell "the certificate of ${url:-the API} is not what this node expects" "is the address in tls-san? is the node left over from an older cluster?"
    exit 0
fi
if [ -n "$url" ] && command -v curl >/dev/null && ! why=$(curl -sSk -o /dev/null --max-time 5 "$url/cacerts" 2>&1); then
    tell "from this machine the API at $url cannot be reached: ${why#curl: }" "does k3s run there, does its firewall let port 6443 in, does tailscale ping reach it?"
    [ "$age" -ge 40 ] && exit 0
    exit 1
fi
restarts=$(systemctl show --property=NRestarts --value "$unit" 2>/dev/null)
if [ "${restarts:-0}" -ge 3 ] && why=$(printf '%s\n' "$said" | grep 'level=fatal' | tail -n 1) && [ -n "$why" ]; then
    why=${why#*msg=}
    tell "$unit ends again and again: $why" "journalctl -u $unit on the machine tells more"
    exit 0
fi
printf '%s\n' "$said" | tail -n 12
exit 1
