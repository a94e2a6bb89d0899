#!/bin/sh
# build.sh JDK            builds the checkout when it is stale, and trains its AOT cache (the launcher's build)
# build.sh JDK SINCE      the same after Maven's packaging, whose build began at the time SINCE (./mvnw verify -Pit)
set -eu
si_top=$(cd -P -- "$(dirname -- "$0")/../../.." && pwd -P)
si_jdk=$1
cd -- "$si_top"
. src/main/launcher/stale.sh

fail() {
    printf 'cannot run Sidecar Init: %s\n' "$1" >&2
    exit 1
}

# One build at a time. The lock is on the checkout's own directory: no file to leave behind, none that `clean` deletes.
exec 9<.
if command -v flock >/dev/null; then flock 9; fi

if [ $# = 1 ] && ! si_stale .; then exit 0; fi # another launcher has built it while we waited
if ! mkdir -p target 2>/dev/null || ! (: >target/build.began) 2>/dev/null; then
    fail "it must be built, and $si_top/target can't be written to"
fi

if [ $# = 1 ]; then
    if [ -t 2 ]; then echo 'building Sidecar Init; this happens once' >&2; fi
    if ! JAVA_HOME=$si_jdk ./mvnw -B -q -ntp package -Dmaven.test.skip=true >target/build.log 2>&1 9<&-; then
        cat target/build.log >&2
        fail "its build failed, see above"
    fi
else
    touch -d "$2" target/build.began
fi

# Without the cache it runs all the same, only starts more slowly.
"$si_jdk/bin/java" src/main/launcher/Train.java target/quarkus-app 9<&- || echo 'warning: no AOT cache; starts will be slower' >&2
mv target/build.began target/quarkus-app/.built
