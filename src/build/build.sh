#!/bin/sh
# build.sh JDK            packages the checkout and trains its class archives, each if it must be (for the launcher)
# build.sh JDK SINCE      trains after Maven has packaged in a build that began at the time SINCE (for ./mvnw verify -Pit)
set -eu
si_top=$(cd -P -- "$(dirname -- "$0")/../.." && pwd -P)
si_jdk=$1
cd -- "$si_top"
. src/main/launcher/stale.sh

fail() {
    printf 'cannot run Sidecar Init: %s\n' "$1" >&2
    exit 1
}

# begin FILE: makes the stamp of a piece of work that begins now
begin() {
    mkdir -p target 2>/dev/null && (: >"$1") 2>/dev/null
}

# One build at a time. The lock is on the checkout's directory: it leaves no file behind, and `clean` can't delete it.
exec 9<.
if command -v flock >/dev/null; then flock 9; fi

if [ $# = 2 ]; then
    touch -d "$2" target/quarkus-app/.built
elif si_must_build .; then # no other launcher has built it while this one waited
    begin target/build.began || fail "it must be built, and $si_top/target can't be written to"
    if [ -t 2 ]; then echo 'building Sidecar Init; this happens once' >&2; fi
    if ! JAVA_HOME=$si_jdk ./mvnw -B -q -ntp package -Dmaven.test.skip=true >target/build.log 2>&1 9<&-; then
        cat target/build.log >&2
        fail "its build failed, see above"
    fi
    mv target/build.began target/quarkus-app/.built
fi

# The program also runs without the archives.
train() {
    begin target/training.began || { echo "cannot train the class archives: $si_top/target can't be written to" >&2; return 1; }
    "$si_jdk/bin/java" src/build/Train.java target/quarkus-app src/main/launcher/jvm.options 9<&- || return 1
    mv target/training.began target/quarkus-app/.trained
}
if si_must_train . && ! train; then
    echo 'warning: starts are slower without class archives; the next start trains them again' >&2
fi
