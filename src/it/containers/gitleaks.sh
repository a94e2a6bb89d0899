#!/bin/bash
# gitleaks.sh: prints the path of gitleaks: GITLEAKS_BIN, or the image's version, which Go builds once. Exit code 77: there is neither.
set -euo pipefail
version=v8.30.1
if [ -n "${GITLEAKS_BIN:-}" ]; then
    printf '%s\n' "$GITLEAKS_BIN"
    exit
fi
rc=0
program=$("$(dirname -- "$0")/../../../.ci/go-program" "github.com/zricethezav/gitleaks/v8@$version" go1.24.11 \
    "-X github.com/zricethezav/gitleaks/v8/version.Version=${version#v}") || rc=$?
if [ "$rc" = 77 ]; then
    if [ -n "${CI:-}" ]; then # the gate skips no test of the secret scanner
        printf 'cannot build gitleaks: %s\n' "$program" >&2
        exit 1
    fi
    printf 'skipped: tests with gitleaks, because %s and GITLEAKS_BIN is not set\n' "$program" >&2
    exit 77
fi
printf '%s\n' "$program"
exit "$rc"
