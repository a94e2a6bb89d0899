#!/bin/bash
# engine.sh COMMAND [ARG...]: runs COMMAND with DOCKER_HOST set to a Docker engine of its own, for tests that must not touch the machine's.
# The engine lives in namespaces: its containers, images (in memory), networks and firewall rules are gone when COMMAND returns.
# Its network is its own too: images must be built without one. Needs root, dockerd, docker. Exit code: COMMAND's; 77 when no engine can run here.
set -euo pipefail

skip() {
    printf 'skipped: tests in containers, for %s\n' "$1"
    exit 77
}
((EUID == 0)) || skip 'only root can start an engine of its own'
PATH=/usr/sbin:/usr/bin:$PATH # the distribution's client, which fits its engine
export PATH
for program in docker dockerd runc unshare ip iptables; do
    command -v "$program" >/dev/null || skip "there is no $program here"
done
cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$cgroups" ] || skip 'there are no cgroups of version 2 here'

state=$(mktemp -d)
cgroup=$cgroups/${state##*/}
mkdir "$cgroup" 2>/dev/null || skip "no cgroup can be made in $cgroups"

leave() {
    echo 1 >"$cgroup/cgroup.kill" 2>/dev/null || :
    for _ in {1..50}; do # a cgroup can be removed when the kernel is done with its last process
        find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || :
        [ -d "$cgroup" ] || break
        sleep 0.1
    done
    rm -rf "$state"
}
trap leave EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# A view of the cgroups that begins at our own; a /run of its own: what the engine keeps there is memory, and nobody else's.
# shellcheck disable=SC2016
(
    echo "$BASHPID" >"$cgroup/cgroup.procs"
    exec unshare --fork --pid --mount-proc --kill-child --mount --ipc --uts --cgroup --net --propagation private bash -euc '
        mount -t sysfs none /sys
        mount -t cgroup2 none /sys/fs/cgroup
        mount -t tmpfs -o mode=755 none /run
        ip link set lo up
        exec dockerd --host "unix://$1/docker.sock" --data-root /run/data --exec-root /run/exec --pidfile /run/docker.pid
    ' engine "$state"
) >"$state/log" 2>&1 &
engine=$!
disown # or bash would tell of its end

export DOCKER_HOST=unix://$state/docker.sock DOCKER_CONFIG=$state/config DOCKER_BUILDKIT=1
for _ in {1..600}; do
    if docker version >/dev/null 2>&1; then break; fi
    if ! kill -0 "$engine" 2>/dev/null; then
        tail -5 "$state/log"
        skip 'the engine does not start here, see above'
    fi
    sleep 0.05
done
docker version >/dev/null 2>&1 || skip 'the engine does not answer'

rc=0
"$@" || rc=$?
exit "$rc"
