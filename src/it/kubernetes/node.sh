#!/bin/bash
# K8S_TOOLS=DIRECTORY node.sh COMMAND [ARG...]: runs COMMAND beside a whole Kubernetes of one node, in its namespaces, with KUBECONFIG set and
# kubectl on the PATH. All of it disappears when COMMAND returns. It needs root. Exit code: that of COMMAND, or 77 if no node can run here.
# IMAGES: archives of images to load, with `sidecars` among them (the name server of the cluster runs in it).
# POLICIES=none: nothing enforces NetworkPolicies, as in a cluster whose network has no support for them.
# There is no way out of the node but to the stand-in for the internet (components.sh). No limits of cgroups are enforced.
set -euo pipefail

skip() {
    printf 'skipped: tests on a node, because %s\n' "$1"
    exit 77
}
((EUID == 0)) || skip 'only root can start a node'
[ -n "${K8S_TOOLS:-}" ] || skip 'K8S_TOOLS names no directory with Kubernetes (src/it/kubernetes/tools.sh)'
K8S_TOOLS=$(realpath "$K8S_TOOLS")
here=$(dirname -- "$(realpath "${BASH_SOURCE[0]}")")
PATH=$K8S_TOOLS/bin:/usr/sbin:/usr/bin:$PATH
export K8S_TOOLS PATH
for program in kube-controller-manager kube-scheduler kubelet kube-proxy kube-router containerd ctr crun unshare ip iptables ipset conntrack busybox; do
    command -v "$program" >/dev/null || skip "there is no $program"
done
[ -x /usr/lib/cni/ptp ] || skip 'there are no plugins in /usr/lib/cni'
namespaces=(unshare --fork --pid --mount-proc --kill-child --mount --ipc --cgroup --net --propagation private)
"${namespaces[@]}" true 2>/dev/null || skip 'this machine allows no namespaces'

# The processes of the node see private, writable copies of what they write to. Everything else is as outside.
# shellcheck disable=SC2016
"${namespaces[@]}" bash -euc '
    here=$1 && shift
    mount -t sysfs none /sys
    mount -t cgroup2 none /sys/fs/cgroup
    mount -t tmpfs -o mode=755 none /run
    mount --make-rshared /run
    for directory in /var/lib /var/log; do
        mkdir -p "/run/upper$directory" "/run/work$directory"
        mount -t overlay -o "lowerdir=$directory,upperdir=/run/upper$directory,workdir=/run/work$directory" none "$directory"
    done

    echo 1 >/proc/sys/net/ipv4/ip_forward
    ip link set lo up

    # the internet: a network of its own behind the node, as a router is
    ip netns add internet
    ip link add internet type veth peer name node netns internet
    ip address add 10.99.0.1/24 dev internet
    ip link set internet up
    ip route add default via 10.99.0.2
    ip -netns internet link set lo up
    ip -netns internet address add 10.99.0.2/24 dev node
    ip -netns internet link set node up
    ip -netns internet route add default via 10.99.0.1

    export TMPDIR=/run API_ADDRESS=10.99.0.1 SIDECARS_CLUSTER=node
    if [ "${POLICIES:-}" = none ]; then SIDECARS_CLUSTER=node-without-policies; fi
    exec "$here/api.sh" "$here/components.sh" "$@"
' node "$here" "$@" <&0 &
node=$!
trap 'kill -KILL "$node" 2>/dev/null || :' EXIT # the kernel then ends all processes of the namespaces
trap 'exit 143' TERM
trap 'exit 130' INT
rc=0
wait "$node" || rc=$?
exit "$rc"
