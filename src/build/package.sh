#!/bin/sh
# package.sh [SETTINGS]: packages the application in the image's stage `source`. SETTINGS is a file with Maven's settings, by default the
# build secret maven-settings. Without such a file this uses the proxy of the environment, which Maven by itself does not.
set -eu
cd -- "$(dirname -- "$0")/../.."

fail() {
    printf 'cannot package Sidecar Init: %s\n' "$1" >&2
    exit 1
}

settings=${1:-/run/secrets/maven-settings}
proxy=${https_proxy:-${HTTPS_PROXY:-${http_proxy:-${HTTP_PROXY:-}}}}
set -- -B -ntp -Dmaven.test.skip=true
if [ -e "$settings" ]; then
    set -- "$@" --settings "$settings"
elif [ -n "$proxy" ]; then
    address=${proxy#*://}
    address=${address%%/*}
    case $address in
        *@*) fail 'a proxy with a password needs settings of Maven, as the build secret maven-settings' ;;
        *:*) port=${address##*:} ;;
        *) port=80 ;;
    esac
    host=${address%:*}
    excluded=$(printf '%s' "${no_proxy:-${NO_PROXY:-}}" | sed 's/ //g; s/,/|/g; s/|\./|*./g; s/^\./*./')
    set -- "$@" -Daether.connector.http.useSystemProperties=true "-Dhttp.nonProxyHosts=$excluded" \
        "-Dhttp.proxyHost=$host" "-Dhttp.proxyPort=$port" "-Dhttps.proxyHost=$host" "-Dhttps.proxyPort=$port"
fi
exec ./mvnw "$@" package
