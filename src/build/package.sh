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
if ! [ -e "$settings" ]; then
    settings=$(mktemp)
    address=${proxy#*://}
    address=${address%%/*}
    case $address in
        '') proxies= ;;
        *[!A-Za-z0-9.:_-]*) fail 'the proxy is not HOST:PORT; for one with a password give settings of Maven, as the build secret maven-settings' ;;
        *)
            case $address in *:*) port=${address##*:} ;; *) port=80 ;; esac
            excluded=$(printf '%s' "${no_proxy:-${NO_PROXY:-}}" | sed 's/[^A-Za-z0-9.:,*_-]//g; s/,/|/g; s/|\./|*./g; s/^\./*./')
            proxies="<proxy><host>${address%:*}</host><port>$port</port><nonProxyHosts>$excluded</nonProxyHosts></proxy>"
            ;;
    esac
    printf '<settings><proxies>%s</proxies></settings>\n' "$proxies" >"$settings"
fi
exec ./mvnw -B -ntp -Dmaven.test.skip=true --settings "$settings" package
