# shellcheck shell=sh
# Sourced by sidecar-init and build.sh: says whether the sources are newer than the build, without starting a process.

# si_newer FILE: true when FILE or anything below it is newer than the build's stamp. Directories count: one becomes newer
# when a file in it is added, renamed or deleted.
si_newer() {
    if [ "$1" -nt "$si_stamp" ]; then return 0; fi
    if [ -d "$1" ]; then
        for si_file in "$1"/*; do
            if si_newer "$si_file"; then return 0; fi
        done
    fi
    return 1
}

# si_stale TOP: true when the checkout TOP must be built
si_stale() {
    # the stamp has the time when the build began, and lies where every packaging by Maven wipes it away
    si_stamp=$1/target/quarkus-app/.built
    if ! [ -e "$si_stamp" ] || ! [ -e "$1/target/quarkus-app/quarkus-run.jar" ]; then return 0; fi
    for si_source in "$1/pom.xml" "$1/sidecar-init" "$1/src/main/launcher" "$1/src/main/resources" "$1/src/main/java"; do
        if si_newer "$si_source"; then return 0; fi
    done
    return 1
}
