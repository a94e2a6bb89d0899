#!/bin/bash
# gitleaks.sh: prints the path of the gitleaks that the image has too: GITLEAKS_BIN, or built once by Go. Exit code 77: neither is to be had.
set -euo pipefail
version=v8.30.1
if [ -n "${GITLEAKS_BIN:-}" ]; then
    printf '%s\n' "$GITLEAKS_BIN"
    exit
fi
program=${XDG_CACHE_HOME:-$HOME/.cache}/sidecar-init-tests/gitleaks-$version
if ! [ -x "$program" ]; then
    if ! command -v go >/dev/null; then
        echo 'skipped: what needs gitleaks, for there is no Go to build it, and no GITLEAKS_BIN' >&2
        exit 77
    fi
    directory=$(mktemp -d)
    trap 'rm -rf "$directory"' EXIT
    GOBIN=$directory CGO_ENABLED=0 go install -ldflags="-s -w -X github.com/zricethezav/gitleaks/v8/version.Version=${version#v}" \
        "github.com/zricethezav/gitleaks/v8@$version" >&2
    mkdir -p "${program%/*}"
    mv "$directory/gitleaks" "$program"
fi
printf '%s\n' "$program"
