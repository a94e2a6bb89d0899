#!/bin/sh
# install-packages.sh PACKAGE...: installs Debian packages as they were on the day on which the base image was made. Debian's images name
# that day's snapshot of the archive in a comment of their list of sources; so the versions are pinned with the base's digest, and what
# is downloaded is verified by the archive's signatures. Where all of them are there already, nothing is downloaded.
set -eu

installed=yes
for package; do
    dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || installed=no
done
if [ "$installed" = yes ]; then exit 0; fi

sources=/etc/apt/sources.list.d/debian.sources
if ! grep -q '^# http.*snapshot' "$sources" 2>/dev/null; then
    echo "cannot install $*: $sources of the base image names no snapshot; use a base that does, or one that has them" >&2
    exit 1
fi
pinned=$(sed -e '/^URIs:/d' -e 's/^# \(http.*snapshot.*\)/URIs: \1/' "$sources")
printf '%s\n' "$pinned" >"$sources"
apt-get -o Acquire::Check-Valid-Until=false -o Acquire::Retries=5 -o APT::Update::Error-Mode=any update -q
DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=5 install -q -y --no-install-recommends "$@"
rm -rf /var/lib/apt/lists/*
