#!/bin/bash
# components.sh COMMAND [ARG...]: starts all of Kubernetes besides the API server, and the stand-in for the internet, in the namespaces of node.sh;
# then runs COMMAND. What goes on: the logs in CLUSTER_STATE.
#
# INTERNET: a directory with ca.pem, the CA of allowed.example, refused.example and added.example, and with the log of what arrived there.
# VOLUMES: where the volumes of the cluster are.
set -euo pipefail
here=$(dirname -- "$(realpath "${BASH_SOURCE[0]}")")
state=$CLUSTER_STATE
pods=10.244.0.0/24

# start NAME ARG...: in the background
start() {
    "$@" >"$state/${1##*/}.log" 2>&1 &
}

# The internet. A guard may connect to public addresses alone, and pipelock refuses others, so the stand-in has public ones.
export INTERNET=$state/internet
mkdir "$INTERNET"
internet=(allowed.example=1.1.1.2 refused.example=1.1.1.3 added.example=1.1.1.4)
names=''
for host in "${internet[@]}"; do
    ip -netns internet address add "${host#*=}/32" dev lo
    names+=,DNS:${host%=*}
done
ip -netns internet address add 1.1.1.1/32 dev lo
(
    cd "$INTERNET"
    exec 2>/dev/null
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tests -keyout ca.key -out ca.pem
    openssl req -newkey rsa:2048 -nodes -subj /CN=internet -keyout server.key -out server.csr
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile <(echo "subjectAltName=${names#,}") -out server.pem
)
ip netns exec internet python3 "$here/../containers/internet.py" "$INTERNET/server.pem" "$INTERNET/server.key" >"$INTERNET/log" 2>&1 &

# The containers. crun makes no cgroups, and containerd sees none, because a machine need not let it have controllers.
mkdir -p /run/cni
cat >/run/cni/pods.conflist <<JSON
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
    {"type": "ptp", "ipam": {"type": "host-local", "subnet": "$pods", "routes": [{"dst": "0.0.0.0/0"}]}},
    {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
printf '#!/bin/sh\nexec crun --cgroup-manager=disabled "$@"\n' >"$state/runtime"
chmod 755 "$state" "$state/runtime"
cat >"$state/containerd.toml" <<TOML
version = 2
root = "/run/containerd/root"
state = "/run/containerd/state"
[grpc]
address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "docker.io/library/pause:test"
disable_cgroup = true
disable_apparmor = true
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "/run/cni"
[plugins."io.containerd.grpc.v1.cri".containerd]
default_runtime_name = "crun"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.crun.options]
BinaryName = "$state/runtime"
TOML
# shellcheck disable=SC2016
unshare --mount --propagation unchanged sh -c 'mount -t tmpfs none /sys/fs/cgroup && exec containerd --config "$0"' "$state/containerd.toml" \
    >"$state/containerd.log" 2>&1 &
until ctr version >/dev/null 2>&1; do
    sleep 0.1
done
python3 "$here/image.py" pause:test "$(command -v busybox)" sleep infinity >"$state/pause.tar"
for archive in "$state/pause.tar" ${IMAGES:-}; do
    ctr --namespace k8s.io images import "$archive" >/dev/null
done

# Kubernetes
start kube-controller-manager --kubeconfig "$KUBECONFIG" --leader-elect=false --use-service-account-credentials=false \
    --service-account-private-key-file "$state/accounts.key" --root-ca-file "$state/apiserver.crt" \
    --controllers '*,-node-ipam-controller,-node-route-controller,-cloud-node-lifecycle-controller'
start kube-scheduler --kubeconfig "$KUBECONFIG" --leader-elect=false
: >"$state/resolv.conf"
cat >"$state/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
cgroupsPerQOS: false
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
enforceNodeAllocatable: []
evictionHard: {memory.available: 1Mi, nodefs.available: 0%, nodefs.inodesFree: 0%, imagefs.available: 0%}
failSwapOn: false
featureGates: {KubeletInUserNamespace: true}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
localStorageCapacityIsolation: false
makeIPTablesUtilChains: false
podLogsDir: /run/pod-logs
resolvConf: $state/resolv.conf
syncFrequency: 5s # a changed ConfigMap is in the pods soon
YAML
start kubelet --config "$state/kubelet.yaml" --kubeconfig "$KUBECONFIG" --hostname-override node --node-ip 10.99.0.1 --root-dir /run/kubelet \
    --cert-dir "$state/kubelet-certificates"
start kube-proxy --kubeconfig "$KUBECONFIG" --proxy-mode iptables --cluster-cidr "$pods" --hostname-override node \
    --conntrack-max-per-core 0 --conntrack-min 0 --conntrack-tcp-timeout-established 0 --conntrack-tcp-timeout-close-wait 0
until kubectl get node node >/dev/null 2>&1; do
    sleep 0.1
done
if [ "${POLICIES:-}" != none ]; then
    start kube-router --kubeconfig "$KUBECONFIG" --run-firewall=true --run-router=false --run-service-proxy=false --hostname-override node \
        --enable-ipv6=false --service-cluster-ip-range 10.96.0.0/16 --health-port 0 --metrics-port 0
fi

# The cluster's own objects: a name server, and storage.
export VOLUMES=/run/volumes
storage() {
    cat <<YAML
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: standard, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
YAML
    for i in {1..40}; do
        mkdir -p "$VOLUMES/$i"
        cat <<YAML
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: volume-$i}
spec:
  storageClassName: standard
  capacity: {storage: 100Gi}
  accessModes: [ReadWriteOnce]
  local: {path: $VOLUMES/$i}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node]}]}]}}
YAML
    done
}
storage | kubectl apply -f - >/dev/null
kubectl --namespace kube-system create configmap name-server --from-file "$here/dns.py" >/dev/null
kubectl apply -f - >/dev/null <<YAML
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: name-server, namespace: kube-system}
spec:
  selector: {matchLabels: {app: name-server}}
  template:
    metadata: {labels: {app: name-server}}
    spec:
      terminationGracePeriodSeconds: 0
      automountServiceAccountToken: false
      containers:
        - name: name-server
          image: sidecars
          imagePullPolicy: Never
          command: [python3, /name-server/dns.py$(printf ', %s' "${internet[@]}")]
          volumeMounts: [{name: program, mountPath: /name-server}]
          readinessProbe: {tcpSocket: {port: 53}, periodSeconds: 1}
      volumes: [{name: program, configMap: {name: name-server}}]
---
apiVersion: v1
kind: Service
metadata: {name: name-server, namespace: kube-system}
spec:
  selector: {app: name-server}
  clusterIP: 10.96.0.10
  ports: [{name: udp, port: 53, protocol: UDP}, {name: tcp, port: 53}]
YAML
if ! kubectl --namespace kube-system rollout status daemonset/name-server --timeout 180s >/dev/null; then
    tail -n 5 "$state"/*.log
    kubectl --namespace kube-system describe pods
    exit 1
fi

rc=0
"$@" || rc=$?
if [ -n "${CLUSTER_LOGS:-}" ]; then cp -- "$state"/*.log "$INTERNET/log" "$CLUSTER_LOGS"; fi
exit "$rc"
