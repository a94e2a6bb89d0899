#!/bin/bash
# run.sh [DIRECTORY...]: runs the tests of the image's daemons egress, pipelock, git-gate and supervise, of its programs for `kubernetes`, and
# `tests`: real clients behind them; by default all of them, several files at a time.
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

# egress' modules use libraries of mitmproxy, so its Python runs their tests.
python=python3
if mitmdump=$(command -v mitmdump) && [ "$(head -c 3 "$mitmdump")" = '#!/' ]; then
    python=$(sed -n '1s/^#!//p' "$mitmdump")
fi
export python

if [ $# = 0 ]; then set -- git-gate supervise egress pipelock kubernetes tests; fi
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
# shellcheck disable=SC2329 # called by xargs
run() { # FILE
    local name=${1#src/main/docker/}
    local log=$logs/${name//\//.}
    if PYTHONPATH=src/main/docker/tests timeout 900 "$python" -B -m unittest discover --start-directory "${1%/*}" --pattern "${1##*/}" \
        >"$log" 2>&1; then
        printf '%s-- %s\n' "$(tail -n 3 "$log" | tr '\n' ' ')" "$name"
        rm "$log"
    else
        printf 'failed: %s\n' "$name"
    fi
}
export -f run
export logs
# The tests wait more than they compute, so more files than processors run at a time.
files=()
for daemon; do files+=("src/main/docker/$daemon"/test_*.py); done
printf '%s\n' "${files[@]}" | xargs --max-procs=$(($(nproc) + 2)) -I '{}' bash -c 'run {}'
for log in "$logs"/*; do
    [ -e "$log" ] || exit 0
    printf '\nfailed: %s\n' "${log##*/}"
    cat "$log"
done
grep -hE '^(FAIL|ERROR): ' "$logs"/* || : # a timeout or a crash names no test
exit 1
