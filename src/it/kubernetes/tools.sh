#!/bin/bash
# K8S_TOOLS=DIRECTORY tools.sh [api]: installs what the tests on Kubernetes need: packages of Debian, and in DIRECTORY/bin the programs of
# Kubernetes, which Go builds. With `api` only what api.sh needs. It needs root, and takes 20 minutes on two cores, or seconds when all is there.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."
kubernetes=1.34.4 kube_router=v2.1.0

[ -n "${K8S_TOOLS:-}" ] || { echo 'cannot install: K8S_TOOLS names no directory' >&2; exit 2; }
packages=(etcd-server) programs=(kube-apiserver kubectl)
case ${1:-node} in
    api) ;;
    node)
        packages+=(docker.io crun containernetworking-plugins busybox-static conntrack ipset iptables iproute2)
        programs+=(kube-controller-manager kube-scheduler kubelet kube-proxy)
        ;;
    *) sed -n 's/^# //p' "$0" >&2; exit 2 ;;
esac

missing=()
for package in "${packages[@]}"; do
    dpkg --status "$package" >/dev/null 2>&1 || missing+=("$package")
done
if ((${#missing[@]})); then
    .ci/apt-install "${missing[@]}"
    if [[ " ${missing[*]} " = *' etcd-server '* ]]; then systemctl --quiet disable etcd 2>/dev/null || :; fi # nor does it start at the next boot
fi

go=$(.ci/find-go go1.24.12) || { echo 'cannot install: there is no Go' >&2; exit 1; }
export CGO_ENABLED=0 GOFLAGS=-mod=mod
unset GOROOT # each go command knows its own
mkdir -p "$K8S_TOOLS/bin"
K8S_TOOLS=$(realpath "$K8S_TOOLS")
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

# has PROGRAM MODULE VERSION: this program is there, of this version of the module
has() { "$go" version -m "$K8S_TOOLS/bin/$1" 2>/dev/null | grep -qE "	$2	$3(	|\$)"; }

# Kubernetes as a module names no version of its own parts, because its repository contains them.
source=$("$go" mod download -json "k8s.io/kubernetes@v$kubernetes" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
{
    printf 'module tests\n\ngo 1.24.0\n\nrequire k8s.io/kubernetes v%s\n\nreplace (\n' "$kubernetes"
    sed -n "s|^\t\(k8s.io/[^ ]*\) v0.0.0\$|\t\1 => \1 v0.${kubernetes#1.}|p" "$source/go.mod"
    printf ')\n'
} >go.mod
version=k8s.io/component-base/version
for program in "${programs[@]}"; do
    if ! has "$program" k8s.io/kubernetes "v$kubernetes"; then
        nice "$go" build -trimpath -o "$K8S_TOOLS/bin/$program" -ldflags \
            "-s -w -X $version.gitVersion=v$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=${kubernetes:2:2}" "k8s.io/kubernetes/cmd/$program"
    fi
done

if [ "${1:-node}" = node ] && ! has kube-router github.com/cloudnativelabs/kube-router/v2 "$kube_router"; then
    GOBIN=$K8S_TOOLS/bin GOFLAGS='' nice "$go" install "github.com/cloudnativelabs/kube-router/v2/cmd/kube-router@$kube_router"
fi
