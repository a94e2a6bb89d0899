# shellcheck shell=sh disable=SC2034 # build.sh says si_cause
# Sourced by sidecar-init and build.sh: compares the build with its sources, without starting a process.
# Each stamp has the time when its work began. When Maven packages, it deletes both stamps and the class archives, and makes .built.

# si_newer STAMP FILE...: true when STAMP is missing, or a FILE or anything below it is newer, which si_cause then says. Directories
# count: a directory becomes newer when a file in it is added, renamed or deleted.
si_newer() {
    si_stamp=$1
    shift
    if ! [ -e "$si_stamp" ]; then return 0; fi
    for si_file; do
        if [ "$si_file" -nt "$si_stamp" ]; then
            si_cause="$si_file is newer than $si_made"
            # an editor that replaces a file makes its directory newer too: the file says more
            if [ -d "$si_file" ]; then si_newer "$si_stamp" "$si_file"/* || :; fi
            return 0
        fi
        case $si_file in *.java) continue ;; esac # most of them, so a test each would take milliseconds
        if [ -d "$si_file" ] && si_newer "$si_stamp" "$si_file"/*; then return 0; fi
    done
    return 1
}

# si_must_build TOP: true when Maven must package the checkout TOP
si_must_build() {
    si_made='the build' si_cause='there is no build yet'
    if ! [ -e "$1/target/quarkus-app/quarkus-run.jar" ]; then return 0; fi
    si_newer "$1/target/quarkus-app/.built" "$1/pom.xml" "$1/src/main/resources" "$1/src/main/filtered" "$1/src/main/java"
}

# si_must_train TOP: true when the class archives must be made, also because the last attempt failed
si_must_train() {
    si_made='the last ones' si_cause='this build has none yet'
    si_newer "$1/target/quarkus-app/.trained" "$1/sidecar-init" "$1/src/main/launcher" "$1/src/build"
}
