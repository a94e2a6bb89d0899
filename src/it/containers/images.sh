#!/bin/bash
# images.sh: builds the image `sidecars`, and `example` of examples/image, on stand-ins for their base images. These consist of packages, so
# no image registry is needed.
# It runs under engine.sh. PIPELOCK_BIN names a real pipelock; without one a stand-in replaces it.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."
here=src/it/containers
. src/main/launcher/find-jdk.sh
si_find_jdk || { echo "$si_no_jdk" >&2; exit 1; }

suite=bookworm # python-packages.sh has the version of its Python
packages=mitmproxy,git,openssh-client,curl,ca-certificates,openssl,python3-pip,passwd,procps,nodejs,redis-server
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sidecar-init-tests
mkdir -p "$cache"

# Like mitmproxy's image, the base has a user mitmproxy, mitmdump on the PATH, and Python with pip. The agent needs Node.js.
base=$cache/base-$(printf '%s' "$suite $packages" | sha256sum | cut -c1-16).tar
if ! [ -e "$base" ]; then
    # shellcheck disable=SC2016 # mmdebstrap sets $1
    mmdebstrap --quiet --variant=apt --include="$packages" \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --customize-hook='chroot "$1" useradd --create-home --user-group --uid 1000 mitmproxy' \
        "$suite" "$base.new.tar"
    mv "$base.new.tar" "$base"
fi

# The build has no network, so pip finds its downloads here.
wheels=$($here/python-packages.sh download src/main/docker/supervise/requirements.txt)

# Maven finds its artifacts here, and only those that it needs: the packaging below downloads from this machine's repository, as from a mirror.
./sidecar-init --version >/dev/null
maven=$cache/maven-$(cat mvnw .mvn/wrapper/maven-wrapper.properties pom.xml | sha256sum | cut -c1-16)
if ! [ -d "$maven" ]; then
    rm -rf "$maven.new"
    mkdir -p "$maven.new/source/src"
    printf '<settings><mirrors><mirror><id>central</id><mirrorOf>*</mirrorOf><url>file://%s</url></mirror></mirrors></settings>\n' \
        "$HOME/.m2/repository" >"$maven.new/settings.xml"
    cp -r mvnw .mvn pom.xml "$maven.new/source"
    cp -r src/build src/main "$maven.new/source/src"
    MAVEN_ARGS="--quiet -Dmaven.repo.local=$maven.new/repository" "$maven.new/source/src/build/package.sh" "$maven.new/settings.xml"
    rm -r "$maven.new/source"
    mkdir -p "$maven.new/wrapper/dists/apache-maven-3.9.0"
    cp -rL "$(./mvnw --version | sed -n 's/^Maven home: //p')" "$maven.new/wrapper/dists/apache-maven-3.9.0/maven"
    mv "$maven.new" "$maven"
fi

program=$($here/gitleaks.sh)

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
# build DIRECTORY NAME: builds the image NAME from $context/DIRECTORY
build() { docker build --quiet --network none --tag "$2" "$context/$1" >/dev/null; }

mkdir "$context"/{base,jdk,gitleaks,pipelock}
ln "$base" "$context/base/base.tar" 2>/dev/null || cp "$base" "$context/base/base.tar"
cp -r "$wheels" "$context/base/wheels"
printf '[global]\nno-index = true\nfind-links = /opt/wheels\n' >"$context/base/pip.conf"
printf 'FROM scratch\nADD base.tar /\nCOPY pip.conf /etc/pip.conf\nCOPY wheels /opt/wheels\n' >"$context/base/Dockerfile"
build base standin/base

cp -rL "$si_jdk" "$context/jdk/jdk" # a packaged JDK links to files elsewhere
cp -r "$maven" "$context/jdk/maven"
cat >"$context/jdk/Dockerfile" <<'DOCKERFILE'
FROM standin/base
ENV JAVA_HOME=/opt/java/openjdk PATH=/opt/java/openjdk/bin:/usr/sbin:/usr/bin:/sbin:/bin MAVEN_USER_HOME=/opt/maven
COPY jdk /opt/java/openjdk
COPY maven /opt/maven
DOCKERFILE
build jdk standin/jdk

cp "$program" "$context/gitleaks/gitleaks"
printf 'FROM scratch\nCOPY gitleaks /usr/bin/gitleaks\n' >"$context/gitleaks/Dockerfile"
build gitleaks standin/gitleaks

cp "${PIPELOCK_BIN:-src/it/containers/pipelock-standin}" "$context/pipelock/pipelock"
printf 'FROM scratch\nCOPY --chmod=0755 pipelock /pipelock\n' >"$context/pipelock/Dockerfile"
build pipelock standin/pipelock

make --no-print-directory image IMAGE=sidecars IMAGE_ARGS='--quiet --network none --build-arg APPLICATION=prebuilt
    --build-arg BASE_IMAGE=standin/base --build-arg JDK_IMAGE=standin/jdk
    --build-arg GITLEAKS_IMAGE=standin/gitleaks --build-arg PIPELOCK_IMAGE=standin/pipelock'

docker tag standin/jdk eclipse-temurin:25-jdk-noble
docker tag standin/base debian:13-slim
docker build --quiet --network none --file examples/image/Dockerfile --tag example . >/dev/null
