#!/bin/bash
# run.sh [DAEMON...]: runs the tests of the image's daemons egress, pipelock, git-gate and supervise, and `tests`: real clients behind them;
# by default all of them, concurrently.
# PIPELOCK_BIN and GITLEAKS_BIN name installed programs. A test whose program is missing is skipped with a reason.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../../.."

SUPERVISE_PYTHON=$(.ci/venv src/main/docker/supervise/requirements.txt)/bin/python
export SUPERVISE_PYTHON
# the MCP clients that run on Node.js
if clients=$(.ci/node-modules src/main/docker/supervise/clients); then
    export SUPERVISE_CLIENTS=$clients
elif [ "$?" = 77 ]; then
    printf 'skipped: tests with the TypeScript SDK and the MCP inspector: %s\n' "$clients"
else
    exit 1
fi

rc=0
GITLEAKS_BIN=$(src/it/containers/gitleaks.sh) || rc=$?
case $rc in
    0) export GITLEAKS_BIN ;;
    77) ;;
    *) exit "$rc" ;;
esac

if [ $# = 0 ]; then set -- egress pipelock git-gate supervise tests; fi
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
declare -A running
for daemon; do
    PYTHONPATH=src/main/docker/tests timeout 900 python3 -B -m unittest discover --start-directory "src/main/docker/$daemon" \
        >"$logs/$daemon" 2>&1 &
    running[$daemon]=$!
done
failed=()
for daemon; do
    if wait "${running[$daemon]}"; then
        tail -n 3 "$logs/$daemon" | tr '\n' ' '
    else
        failed+=("$daemon")
        cat "$logs/$daemon"
    fi
    printf -- '-- %s\n' "$daemon"
done
if ((${#failed[@]})); then
    for daemon in "${failed[@]}"; do
        printf 'failed: %s\n' "$daemon"
        grep -E '^(FAIL|ERROR): ' "$logs/$daemon" || : # a timeout or a crash names no test
    done
    exit 1
fi
