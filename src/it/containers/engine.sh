#!/bin/bash
# engine.sh COMMAND [ARG...]: starts a separate Docker engine and runs COMMAND with its DOCKER_HOST, so that tests leave the machine's alone.
# The engine runs in namespaces: its containers, images (in memory), networks and firewall rules disappear when COMMAND returns. It has no
# access to the network, so images must build without one. It needs root. Exit code: that of COMMAND, or 77 if no engine can run here.
set -euo pipefail

skip() {
    printf 'skipped: container tests, because %s\n' "$1"
    exit 77
}
((EUID == 0)) || skip 'only root can start an engine'
PATH=/usr/sbin:/usr/bin:$PATH # the distribution's client fits its engine
export PATH
for program in docker dockerd runc unshare ip iptables; do
    command -v "$program" >/dev/null || skip "there is no $program"
done
cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$cgroups" ] || skip 'there are no cgroups of version 2'

state=$(mktemp -d)
cgroup=$cgroups/${state##*/}
mkdir "$cgroup" 2>/dev/null || skip "mkdir fails in $cgroups"

# shellcheck disable=SC2329 # called by the trap
clean_up() {
    echo 1 >"$cgroup/cgroup.kill" 2>/dev/null || :
    for _ in {1..50}; do # rmdir fails until the kernel has removed the last process
        find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || :
        [ -d "$cgroup" ] || break
        sleep 0.1
    done
    rm -rf "$state"
}
trap clean_up EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# The engine sees only its own cgroup, and its own /run in memory, where it keeps its data.
# shellcheck disable=SC2016
(
    echo "$BASHPID" >"$cgroup/cgroup.procs"
    exec unshare --fork --pid --mount-proc --kill-child --mount --ipc --uts --cgroup --net --propagation private bash -euc '
        mount -t sysfs none /sys
        mount -t cgroup2 none /sys/fs/cgroup
        mount -t tmpfs -o mode=755 none /run
        ip link set lo up
        # as on a host without br_netfilter: no firewall between the containers of a network
        echo 0 >/proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null || :
        exec dockerd --host "unix://$1/docker.sock" --data-root /run/data --exec-root /run/exec --pidfile /run/docker.pid
    ' engine "$state"
) >"$state/log" 2>&1 &
engine=$!
disown # otherwise bash reports its end

export DOCKER_HOST=unix://$state/docker.sock DOCKER_CONFIG=$state/config DOCKER_BUILDKIT=1
for _ in {1..600}; do
    if docker version >/dev/null 2>&1; then break; fi
    if ! kill -0 "$engine" 2>/dev/null; then
        tail -5 "$state/log"
        skip 'the engine does not start, see above'
    fi
    sleep 0.05
done
docker version >/dev/null 2>&1 || skip 'the engine does not answer'

rc=0
"$@" || rc=$?
exit "$rc"
