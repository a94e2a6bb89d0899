#!/bin/bash
# gitleaks.sh: prints the path of gitleaks: GITLEAKS_BIN, or the image's version, which Go builds once. Exit code 77: there is neither.
set -euo pipefail
version=v8.30.1 needed=go1.24.11
if [ -n "${GITLEAKS_BIN:-}" ]; then
    printf '%s\n' "$GITLEAKS_BIN"
    exit
fi
program=${XDG_CACHE_HOME:-$HOME/.cache}/sidecar-init-tests/gitleaks-$version
if ! [ -x "$program" ]; then
    if ! command -v go >/dev/null; then
        if [ -n "${CI:-}" ]; then # the gate skips no test of the secret scanner
            echo 'cannot build gitleaks: go: not found' >&2
            exit 1
        fi
        echo 'skipped: tests with gitleaks, because there is no Go to build it and GITLEAKS_BIN is not set' >&2
        exit 77
    fi
    go=go
    if [ "$(printf '%s\n' "$needed" "$(go env GOVERSION)" | sort --version-sort | head -n 1)" != "$needed" ]; then
        # Debian 12 has Go 1.19, which can't choose another toolchain. But a toolchain is a module, which every Go can download and
        # verify. Files of a module are not executable.
        toolchain=golang.org/toolchain@v0.0.1-go1.27.3.$(go env GOOS)-$(go env GOARCH)
        (cd / && go mod download "$toolchain") >&2
        GOROOT=$(go env GOMODCACHE)/$toolchain
        export GOROOT GOTOOLCHAIN=local
        chmod -R +x "$GOROOT/bin" "$GOROOT/pkg/tool"
        go=$GOROOT/bin/go
    fi
    directory=$(mktemp -d)
    trap 'rm -rf "$directory"' EXIT
    GOBIN=$directory CGO_ENABLED=0 "$go" install -ldflags="-s -w -X github.com/zricethezav/gitleaks/v8/version.Version=${version#v}" \
        "github.com/zricethezav/gitleaks/v8@$version" >&2
    mkdir -p "${program%/*}"
    mv "$directory/gitleaks" "$program"
fi
printf '%s\n' "$program"
