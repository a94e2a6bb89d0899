#!/bin/bash
# test.sh [MAVEN-ARGUMENT...]: builds the bundle image on stand-ins and runs the container tests (src/it/java/…/it/containers), in the engine
# that DOCKER_HOST names, else in a separate one. It needs root and docker.io, docker-compose, mmdebstrap, Go and python3-pip.
# SIDECARS_ARCHIVE: a file that gets the image, as `docker save` writes it, for the tests on Kubernetes.
# Exit code 77: no engine can run here.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."
if [ -z "${DOCKER_HOST:-}" ]; then exec src/it/containers/engine.sh "$0" "$@"; fi

src/it/containers/images.sh
if [ -n "${SIDECARS_ARCHIVE:-}" ]; then docker save --output "$SIDECARS_ARCHIVE" sidecars; fi
if clients=$(.ci/node-modules src/main/docker/supervise/clients); then
    export MCP_CLIENTS=$clients
elif [ "$?" != 77 ]; then
    exit 1
fi
SDK_PYTHON=$(src/it/containers/python-packages.sh install src/it/containers/sdk/requirements.txt)
export SDK_PYTHON
if modules=$(.ci/node-modules src/it/containers/sdk); then
    export SDK_NODE=$modules
elif [ "$?" != 77 ]; then
    exit 1
fi
export SIDECARS_IMAGE=sidecars
exec ./mvnw -q -B -ntp verify -Pit -Dskip.unit.tests=true -Dit.test='dev/claudebottle/sidecar/it/containers/*IT' "$@"
