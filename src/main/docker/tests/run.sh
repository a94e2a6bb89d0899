#!/bin/bash
# run.sh [DAEMON...]: tests the image's daemons one by one, with real programs: egress, pipelock, git-gate, supervise. Without arguments it
# tests all of them, at the same time. PIPELOCK_BIN and GITLEAKS_BIN name installed programs; a test that lacks its program is skipped with a reason.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../../.."

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

if [ $# = 0 ]; then set -- egress pipelock git-gate supervise; fi
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
declare -A running
for daemon; do
    PYTHONPATH=src/main/docker/tests timeout 400 python3 -B -m unittest discover --start-directory "src/main/docker/$daemon" >"$logs/$daemon" 2>&1 &
    running[$daemon]=$!
done
failed=()
for daemon; do
    if wait "${running[$daemon]}"; then tail -n 3 "$logs/$daemon" | tr '\n' ' '; else failed+=("$daemon") && cat "$logs/$daemon"; fi
    printf -- '-- %s\n' "$daemon"
done
if ((${#failed[@]})); then
    printf 'failed: %s\n' "${failed[*]}"
    exit 1
fi
