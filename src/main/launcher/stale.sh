# shellcheck shell=sh
# Sourced by sidecar-init and build.sh: compares the build with its sources, without starting a process.
# Each stamp has the time when its work began. Maven deletes both stamps and the class archives when it packages.

# si_newer STAMP FILE...: true when STAMP is missing, or a FILE or anything below it is newer. Directories count: a
# directory becomes newer when a file in it is added, renamed or deleted.
si_newer() {
    si_stamp=$1
    shift
    if ! [ -e "$si_stamp" ]; then return 0; fi
    for si_file; do
        if [ "$si_file" -nt "$si_stamp" ]; then return 0; fi
        if [ -d "$si_file" ] && si_newer "$si_stamp" "$si_file"/*; then return 0; fi
    done
    return 1
}

# si_must_build TOP: true when Maven must package the checkout TOP
si_must_build() {
    if ! [ -e "$1/target/quarkus-app/quarkus-run.jar" ]; then return 0; fi
    si_newer "$1/target/quarkus-app/.built" "$1/pom.xml" "$1/src/main/resources" "$1/src/main/filtered" "$1/src/main/java"
}

# si_must_train TOP: true when the class archives must be made, also because the last attempt failed
si_must_train() {
    si_newer "$1/target/quarkus-app/.trained" "$1/sidecar-init" "$1/src/main/launcher" "$1/src/build"
}
