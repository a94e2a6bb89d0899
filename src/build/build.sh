#!/bin/sh
# build.sh JDK            packages the checkout and trains its class archives, each if it must be (for the launcher)
# build.sh JDK trained    only trains them (for ./mvnw verify -Pit, which packages)
# Says on stderr what it does and why; nothing when there is nothing to do.
set -eu
si_top=$(cd -P -- "$(dirname -- "$0")/../.." && pwd -P)
si_jdk=$1
cd -- "$si_top"
. src/main/launcher/stale.sh

say() {
    printf '%s\n' "$1" >&2
}

fail() {
    say "cannot run Sidecar Init: $1"
    exit 1
}

# begin FILE: makes the stamp of a piece of work that begins now
begin() {
    mkdir -p target 2>/dev/null && (: >"$1") 2>/dev/null
}

# One build at a time. The lock is on the checkout's directory: it leaves no file behind, and `clean` can't delete it.
exec 9<.
if command -v flock >/dev/null && ! flock -n 9; then
    say 'waiting for another build of Sidecar Init in this checkout'
    flock 9
fi

# Otherwise another launcher may have built it while this one waited
if [ $# = 1 ] && si_must_build .; then
    begin target/build.began || fail "it must be built, and $si_top/target can't be written to"
    say "building Sidecar Init: ${si_cause#./}"
    # Maven prints its errors to stdout; on stderr mvnw says what it downloads
    if ! JAVA_HOME=$si_jdk ./mvnw -B -q -ntp package -Dmaven.test.skip=true >target/build.log 9<&-; then
        cat target/build.log >&2
        fail "its build failed; see above, or $si_top/target/build.log"
    fi
    mv target/build.began target/quarkus-app/.built
fi

# The program also runs without the archives.
train() {
    begin target/training.began || { say "cannot train the class archives: $si_top/target can't be written to"; return 1; }
    say "training the class archives, with which it starts faster: ${si_cause#./}"
    "$si_jdk/bin/java" src/build/Train.java target/quarkus-app src/main/launcher/jvm.options 9<&- || return 1
    mv target/training.began target/quarkus-app/.trained
}
if si_must_train . && ! train; then
    say 'warning: starts are slower without class archives; the next start trains them again'
fi
