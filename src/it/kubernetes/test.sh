#!/bin/bash
# K8S_TOOLS=DIRECTORY test.sh [MAVEN-ARGUMENT...]: tests deploy/kubernetes and the image (src/it/java/…/it/kubernetes) with the Kubernetes that
# tools.sh has installed in DIRECTORY: before an API server, and, as root, in pods on a node.
# SIDECARS_ARCHIVE: the image as an archive of `docker save`; without it, test.sh builds the image as the container tests do.
# CLUSTER_LOGS: a directory that gets the logs of the node.
# Exit code 77: K8S_TOOLS is not set, or there is no Go. What this machine can't run is skipped, and stdout says why.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."
here=src/it/kubernetes

if [ -z "${K8S_TOOLS:-}" ]; then
    printf 'skipped: tests on Kubernetes, because K8S_TOOLS names no directory with it (%s/tools.sh)\n' "$here"
    exit 77
fi
# run CLUSTER CLASSES MAVEN-ARGUMENT...: a cluster that can't run here is no failure
run() {
    local cluster=$1 classes=$2 rc=0
    shift 2
    $cluster ./mvnw -B -ntp -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.failsafe=info \
        "$@" verify -Pit -Dskip.unit.tests=true -Dit.test="dev/claudebottle/sidecar/it/kubernetes/$classes" || rc=$?
    if ((rc != 77)); then return "$rc"; fi
}

for command in "$here/helm.sh" "$here/crds.sh"; do
    rc=0
    found=$("$command") || rc=$?
    if ((rc == 77)); then printf 'skipped: tests on Kubernetes, because %s\n' "$found"; fi
    if ((rc)); then exit "$rc"; fi
    case $command in
        */helm.sh) export HELM=$found ;;
        *) export CRDS=$found ;;
    esac
done
run "$here/api.sh" ApiServerIT "$@"

if ((EUID != 0)); then
    printf 'skipped: tests on a node, because only root can start one\n'
    exit
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if ! [ -e "${SIDECARS_ARCHIVE:-}" ]; then
    SIDECARS_ARCHIVE=$scratch/sidecars.tar
    rc=0
    # shellcheck disable=SC2016
    src/it/containers/engine.sh sh -euc 'src/it/containers/images.sh && docker save --output "$0" sidecars' "$SIDECARS_ARCHIVE" || rc=$?
    if ((rc == 77)); then exit; fi
    if ((rc)); then exit "$rc"; fi
fi
export IMAGES=$SIDECARS_ARCHIVE
# Nothing can be downloaded there; the run before has downloaded all.
run "$here/node.sh" '*IT' --offline "$@"
POLICIES=none run "$here/node.sh" NoPoliciesIT --offline "$@"
