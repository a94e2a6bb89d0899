#!/bin/bash
# run.sh [PIECE...]: tests the image's daemons by themselves, over real programs: egress, pipelock, git_gate, supervise; without a PIECE all of
# them, at the same time. PIPELOCK_BIN and GITLEAKS_BIN name programs that are there already; what is missing is skipped with a reason.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."

requirements=src/main/docker/supervise/requirements.txt
libraries=${XDG_CACHE_HOME:-$HOME/.cache}/sidecar-init-tests/venv-$(cat "$requirements" <(python3 -V) | sha256sum | cut -c1-16)
if ! [ -d "$libraries" ]; then
    rm -rf "$libraries.new"
    python3 -m venv "$libraries.new"
    "$libraries.new/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
        --requirement "$requirements"
    mv "$libraries.new" "$libraries"
fi
export SUPERVISE_PYTHON=$libraries/bin/python

rc=0
GITLEAKS_BIN=$(src/it/containers/gitleaks.sh) || rc=$?
case $rc in
    0) export GITLEAKS_BIN ;;
    77) ;;
    *) exit "$rc" ;;
esac

if [ $# = 0 ]; then set -- egress pipelock git_gate supervise; fi
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
declare -A running
for piece; do
    timeout 400 python3 -B -m unittest discover --start-directory src/it/python --pattern "test_$piece.py" >"$logs/$piece" 2>&1 &
    running[$piece]=$!
done
failed=()
for piece; do
    if wait "${running[$piece]}"; then tail -n 3 "$logs/$piece" | tr '\n' ' '; else failed+=("$piece") && cat "$logs/$piece"; fi
    printf -- '-- %s\n' "$piece"
done
if ((${#failed[@]})); then
    printf 'failed: %s\n' "${failed[*]}"
    exit 1
fi
