# shellcheck shell=bash
# What the scripts beside this file know of the lab's k3s; they read it.

# The versions that the lab has; an upgrade goes from one to the next.
CLUSTER_VERSIONS="v1.28.5+k3s1 v1.29.1+k3s1"

# Kubernetes' and etcd's programs, and the releases of the stand-in.
CLUSTER=$(realpath -m "${KUBANI_KUBERNETES:-/var/lib/kubani-kubernetes}")

install_go() {
    export GOROOT=/usr/lib/go-1.19 GOCACHE=$CLUSTER/src-build/cache CGO_ENABLED=0
    [ ! -x "$GOROOT/bin/go" ] || return 0
    [ "$(id -u)" = 0 ] || { echo "missing package: golang-1.19-go" >&2; return 1; }
    export DEBIAN_FRONTEND=noninteractive
    local install=(apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends golang-1.19-go)
    "${install[@]}" >/dev/null 2>&1 || { apt-get update -qq && "${install[@]}" >/dev/null; }
}
