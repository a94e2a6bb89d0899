#!/bin/bash
# K8S_TOOLS=DIRECTORY scale.sh [BOTTLES]: applies this many bottles, by default 1000, each in a namespace of its own, to an API server with the
# controllers and the scheduler of Kubernetes, and prints what that takes. kwok plays the node: no container runs. No part of the gate.
set -euo pipefail
here=$(dirname -- "$(realpath "${BASH_SOURCE[0]}")")
cd -- "$here/../../.."
if [ -z "${SIDECARS_CLUSTER:-}" ]; then exec "$here/api.sh" "$0" "$@"; fi

bottles=${1:-1000}
version=v0.8.0
kwok=$(.ci/go-program sigs.k8s.io/kwok/cmd/kwok@$version go1.24.11)
stages=$(cd / && "$("$OLDPWD/.ci/find-go" go1.24.11)" mod download -json sigs.k8s.io/kwok@$version | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')/kustomize/stage/fast
scratch=$CLUSTER_STATE/scale
mkdir "$scratch"
started=()
# shellcheck disable=SC2329 # called by the trap
end() { kill -KILL "${started[@]}" 2>/dev/null || :; }
trap end EXIT
start() {
    setpriv --pdeathsig KILL -- "$@" >"$scratch/${1##*/}.log" 2>&1 &
    started+=("$!")
}
# timed TEXT COMMAND...
timed() {
    local begin=$EPOCHREALTIME text=$1
    shift
    "$@"
    awk -v text="$text" -v begin="$begin" -v end="$EPOCHREALTIME" 'BEGIN { printf "%-60s %6.0f s\n", text, end - begin }'
}

start kube-controller-manager --kubeconfig "$KUBECONFIG" --leader-elect=false --service-account-private-key-file "$CLUSTER_STATE/accounts.key" \
    --root-ca-file "$CLUSTER_STATE/apiserver.crt" --kube-api-qps 500 --kube-api-burst 1000 --concurrent-statefulset-syncs 20
start kube-scheduler --kubeconfig "$KUBECONFIG" --leader-elect=false
kubectl kustomize "$stages" >"$scratch/stages.yaml" # what becomes of a node and of a pod
start "$kwok" --kubeconfig "$KUBECONFIG" --config "$scratch/stages.yaml" --node-lease-duration-seconds 40 --manage-all-nodes=false \
    --manage-nodes-with-annotation-selector kwok.x-k8s.io/node=fake
for ((i = 0; i <= bottles / 500; i++)); do # of 1 TiB of memory each
    printf -- '---\napiVersion: v1\nkind: Node\nmetadata: {name: fake-%s, annotations: {kwok.x-k8s.io/node: fake}}\n' "$i"
done | kubectl apply -f - >/dev/null

# The base as it is, with a volume for each claim.
printf 'namespace: NAMESPACE\nresources: [%s]\n' "$(realpath --relative-to "$scratch" deploy/kubernetes/base)" >"$scratch/kustomization.yaml"
kubectl kustomize "$scratch" >"$scratch/bottle.yaml"
claim() {
    printf -- '---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {name: %s-%s}\nspec:\n  storageClassName: ""\n' "$1" "$2"
    printf '  claimRef: {namespace: %s, name: %s}\n  capacity: {storage: 10Gi}\n  accessModes: [ReadWriteOnce]\n  hostPath: {path: /none}\n' "$1" "$2"
}
for ((i = 1; i <= bottles; i++)); do
    namespace=bottle-$i
    claim "$namespace" state-bottle-guard-0
    claim "$namespace" workspace-bottle-agent-0
done >"$scratch/volumes.yaml"
for ((i = 1; i <= bottles; i++)); do
    printf -- '---\napiVersion: v1\nkind: Namespace\nmetadata: {name: bottle-%s, labels: {pod-security.kubernetes.io/enforce: baseline}}\n---\n' "$i"
    sed "s/NAMESPACE/bottle-$i/" "$scratch/bottle.yaml"
done >"$scratch/bottles.yaml"

running() {
    local until=$((SECONDS + 1800))
    while [ "$(kubectl get pods --all-namespaces --field-selector status.phase=Running --no-headers 2>/dev/null | wc -l)" -lt $((2 * bottles)) ]; do
        if ((SECONDS > until)); then
            echo 'cannot start all pods within half an hour' >&2
            exit 1
        fi
        sleep 1
    done
}
apply() { kubectl apply --server-side --filename "$1" >"$scratch/applied"; }
apply "$scratch/volumes.yaml"
timed "applying $bottles bottles" apply "$scratch/bottles.yaml"
timed "then until all $((2 * bottles)) pods run" running
timed 'applying them again, unchanged' apply "$scratch/bottles.yaml"
printf '\nobjects in the namespaces of the bottles, and these:\n'
for kind in namespaces statefulsets services networkpolicies configmaps pods persistentvolumeclaims endpointslices controllerrevisions serviceaccounts; do
    printf '%8d %s\n' "$(kubectl get "$kind" --all-namespaces --no-headers | grep -c 'bottle-[0-9]' || :)" "$kind"
done
printf '\nstore: %s, API server: %s MiB of memory\n' "$(du -h "$CLUSTER_STATE/etcd/member/snap/db" | cut -f1)" \
    "$(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$(pgrep --newest --full "kube-apiserver.*$CLUSTER_STATE")/status")"
