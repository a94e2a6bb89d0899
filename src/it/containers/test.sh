#!/bin/bash
# test.sh [MAVEN-ARGUMENT...]: builds the bundle image over stand-ins and runs the tests in containers (*IT in …/it/containers), in the engine
# that DOCKER_HOST names, else in one of its own. Needs root and the packages docker.io, docker-compose, mmdebstrap, golang, python3-pip.
# Exit code 77: no engine can run here.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."
if [ -z "${DOCKER_HOST:-}" ]; then exec src/it/containers/engine.sh "$0" "$@"; fi

src/it/containers/images.sh
export SIDECARS_IMAGE=sidecars
exec ./mvnw -q -B -ntp verify -Pit -Dskip.unit.tests=true -Dit.test='dev/claudebottle/sidecar/it/containers/*IT' "$@"
