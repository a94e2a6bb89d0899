#!/bin/sh
# install-packages.sh PACKAGE...: installs Debian packages in the versions of the day when the base image was made. A comment in the source
# list of Debian's images names the archive's snapshot of that day. So the digest of the base image pins the versions, and the archive's
# signatures verify the downloads. If all packages are installed, nothing is downloaded.
set -eu

installed=yes
for package; do
    dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || installed=no
done
if [ "$installed" = yes ]; then exit 0; fi

sources=/etc/apt/sources.list.d/debian.sources
if ! grep -q '^# http.*snapshot' "$sources" 2>/dev/null; then
    echo "cannot install $*: $sources of the base image names no snapshot; use a base image that does, or one with these packages" >&2
    exit 1
fi
pinned=$(sed -e '/^URIs:/d' -e 's/^# \(http.*snapshot.*\)/URIs: \1/' "$sources")
printf '%s\n' "$pinned" >"$sources"
apt-get -o Acquire::Check-Valid-Until=false -o Acquire::Retries=5 -o APT::Update::Error-Mode=any update -q
DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=5 install -q -y --no-install-recommends "$@"
rm -rf /var/lib/apt/lists/*
