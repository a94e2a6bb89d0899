#!/bin/bash
# python-packages.sh download|install REQUIREMENTS: prints the path of a directory with these packages for the Python of the base image
# (images.sh), as wheels or installed. It is made once and kept in the cache.
set -euo pipefail
python=3.11

case $1 in
    download) options=(--dest) ;;
    install) options=(--no-warn-conflicts --root-user-action ignore --target) ;;
    *)
        printf 'cannot %s packages: expected download or install\n' "$1" >&2
        exit 2
        ;;
esac
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sidecar-init-tests
packages=$cache/$1-$(cat "$2" <(echo "$python") | sha256sum | cut -c1-16)
if ! [ -d "$packages" ]; then
    mkdir -p "$cache"
    rm -rf "$packages.new"
    python3 -m pip "$1" --quiet --disable-pip-version-check --only-binary :all: --require-hashes --implementation cp \
        --python-version "$python" --platform "manylinux_2_17_$(uname -m)" --platform "manylinux_2_28_$(uname -m)" \
        "${options[@]}" "$packages.new" --requirement "$2" >&2
    mv "$packages.new" "$packages"
fi
printf '%s\n' "$packages"
