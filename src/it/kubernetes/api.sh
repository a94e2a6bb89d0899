#!/bin/bash
# K8S_TOOLS=DIRECTORY api.sh COMMAND [ARG...]: runs COMMAND beside an API server of Kubernetes with an empty store, with KUBECONFIG set and kubectl
# on the PATH, and ends it afterwards. It needs no rights. Nothing carries out what the API server stores: node.sh does.
# API_ADDRESS: where the server listens, by default 127.0.0.1, on a port that is free. Exit code: that of COMMAND, or 77 if no server can run here.
set -euo pipefail

skip() {
    printf 'skipped: tests with an API server, because %s\n' "$1"
    exit 77
}
[ -n "${K8S_TOOLS:-}" ] || skip 'K8S_TOOLS names no directory with Kubernetes (src/it/kubernetes/tools.sh)'
PATH=$(realpath "$K8S_TOOLS")/bin:/usr/bin:$PATH
export PATH
for program in kube-apiserver kubectl etcd openssl python3 setpriv; do
    command -v "$program" >/dev/null || skip "there is no $program"
done

state=$(mktemp -d)
started=()
# shellcheck disable=SC2329 # called by the trap
clean_up() {
    kill -KILL "${started[@]}" 2>/dev/null || :
    wait "${started[@]}" 2>/dev/null || :
    rm -rf "$state"
}
trap clean_up EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
# start NAME ARG...: in the background; it ends when this script does, even by SIGKILL
start() {
    setpriv --pdeathsig KILL -- "$@" >"$state/$1.log" 2>&1 &
    started+=("$!")
}

address=${API_ADDRESS:-127.0.0.1}
read -r client peer port < <(python3 -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(s.getsockname()[1] for s in sockets))')
start etcd --data-dir "$state/etcd" --unsafe-no-fsync \
    --listen-client-urls "http://127.0.0.1:$client" --advertise-client-urls "http://127.0.0.1:$client" \
    --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" \
    --initial-cluster "default=http://127.0.0.1:$peer"

umask 077
openssl genrsa -out "$state/accounts.key" 2048 2>/dev/null
token=$(openssl rand -hex 16)
printf '%s,admin,admin,system:masters\n' "$token" >"$state/tokens"
start kube-apiserver --etcd-servers "http://127.0.0.1:$client" --bind-address "$address" --advertise-address "$address" --secure-port "$port" \
    --cert-dir "$state" --token-auth-file "$state/tokens" --authorization-mode Node,RBAC --service-cluster-ip-range 10.96.0.0/16 \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$state/accounts.key" \
    --service-account-signing-key-file "$state/accounts.key" --kubelet-preferred-address-types InternalIP
cat >"$state/kubeconfig" <<YAML
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "https://$address:$port", certificate-authority: "$state/apiserver.crt"}}]
users: [{name: admin, user: {token: $token}}]
contexts: [{name: test, context: {cluster: test, user: admin}}]
current-context: test
YAML
export KUBECONFIG=$state/kubeconfig
for _ in {1..600}; do
    if kubectl get --raw /readyz >/dev/null 2>&1; then break; fi
    if ! kill -0 "${started[@]}" 2>/dev/null; then break; fi
    sleep 0.1
done
if ! kubectl get --raw /readyz >/dev/null 2>&1; then
    tail -n 5 "$state"/*.log
    echo 'cannot start the API server: see above' >&2
    exit 1
fi

# SIDECARS_CLUSTER: a cluster for tests alone; KUBECONFIG may name one where people work
export SIDECARS_CLUSTER=${SIDECARS_CLUSTER:-api} CLUSTER_STATE=$state
umask 022
rc=0
"$@" || rc=$?
exit "$rc"
