# shellcheck shell=sh
# Sourced by sidecar-init and mvnw: finds a JDK 25 or newer without starting a process.
# Names begin with si_: an assignment to a variable that the environment has would change it for the program.

# si_is_jdk DIR: true when DIR is a JDK of version 25 or newer, by its `release` file
si_is_jdk() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    while IFS= read -r si_line || [ -n "$si_line" ]; do
        case $si_line in
            JAVA_VERSION=*)
                si_line=${si_line#*=}
                si_line=${si_line#\"}
                si_line=${si_line%%[!0-9]*}
                [ "${si_line:-0}" -ge 25 ]
                return
                ;;
        esac
    done <"$1/release"
    return 1
}

# si_find_jdk: sets si_jdk, or fails
si_find_jdk() {
    for si_jdk in "${JAVA_HOME:-}" /usr/lib/jvm/* "${HOME:-}"/.sdkman/candidates/java/* \
        "${SDKMAN_DIR:-}"/candidates/java/* "${HOME:-}"/.jdks/* /opt/java/* /opt/jdk* \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /home/linuxbrew/.linuxbrew/opt/openjdk*/libexec \
        /Library/Java/JavaVirtualMachines/*/Contents/Home; do
        if si_is_jdk "$si_jdk"; then return 0; fi
    done
    si_path=${PATH:-}:
    while [ -n "$si_path" ]; do
        si_jdk=${si_path%%:*}/..
        si_path=${si_path#*:}
        if si_is_jdk "$si_jdk"; then return 0; fi
    done
    return 1
}

# shellcheck disable=SC2034 # the scripts that source this file print it
si_no_jdk='no JDK 25 or newer found; install one (https://adoptium.net, or your package manager) and let JAVA_HOME name it'
