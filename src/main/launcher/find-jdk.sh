# shellcheck shell=sh
# Sourced by sidecar-init and mvnw: finds a JDK 25 or newer. It starts a process only when nothing but a link on the PATH leads to one.
# Names begin with si_: an assignment to a variable that the environment has would change it for the program.

# si_is_jdk DIR: true when DIR is a JDK of version 25 or newer, by its `release` file; otherwise si_why says what it is
si_is_jdk() {
    if ! [ -x "$1/bin/java" ]; then
        si_why='no Java: it has no program bin/java'
        [ -d "$1" ] || si_why='no directory, or a link that leads nowhere'
        return 1
    fi
    si_why='Java of an unknown version: it has no file "release" with JAVA_VERSION'
    [ -f "$1/release" ] && [ -r "$1/release" ] || return 1
    si_version=
    while IFS= read -r si_line || [ -n "$si_line" ]; do
        case $si_line in
            JAVA_VERSION=*)
                si_version=${si_line#*=}
                si_version=${si_version#\"}
                si_version=${si_version#1.} # 1.8 is Java 8
                si_version=${si_version%%[!0-9]*}
                break
                ;;
        esac
    done <"$1/release"
    case $si_version in '' | ?????*) return 1 ;; esac
    si_why="Java $si_version"
    [ "$si_version" -ge 25 ] || return 1
    si_why="Java $si_version, but a JRE without javac"
    [ -x "$1/bin/javac" ]
}

# si_each_home TEST: sets si_jdk to one directory after the other that may be a JDK, until TEST is true for it
si_each_home() {
    for si_jdk in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/* "${HOME:-}"/.sdkman/candidates/java/* \
        "${SDKMAN_DIR:-}"/candidates/java/* "${HOME:-}"/.jdks/* /opt/java/* /opt/jdk* \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /home/linuxbrew/.linuxbrew/opt/openjdk*/libexec \
        /Library/Java/JavaVirtualMachines/*/Contents/Home; do
        if "$1" "$si_jdk"; then return 0; fi
    done
    return 1
}

# si_each_on_path TEST: calls TEST with one program `java` of the PATH after the other, until it is true
si_each_on_path() {
    si_path=${PATH:-}:
    while [ -n "$si_path" ]; do
        si_java=${si_path%%:*}/java
        si_path=${si_path#*:}
        if [ -x "$si_java" ] && "$1" "$si_java"; then return 0; fi
    done
    return 1
}

si_is_in_jdk() {
    si_jdk=${1%/java}/..
    si_is_jdk "$si_jdk"
}

# distributions make /usr/bin/java a link to a link to the program in a JDK
si_leads_into_jdk() {
    [ -h "$1" ] || return 1
    si_jdk=$(readlink -f -- "$1")
    si_jdk=${si_jdk%/bin/java}
    si_is_jdk "$si_jdk"
}

# si_explain NAME DIR: adds to si_found why DIR is no JDK 25; each directory once, under the first of its names
si_explain() {
    if si_is_jdk "$2"; then return; fi
    si_real=$(cd -P -- "$2" 2>/dev/null && pwd -P) || si_real=$2
    case $si_explained in *":$si_real:"*) return ;; esac
    si_explained=$si_explained$si_real:
    si_found="$si_found
  $1: $si_why"
}

si_explain_home() {
    if [ "$1" = "${JAVA_HOME:-}" ]; then
        si_explain "JAVA_HOME=$1" "$1"
    elif [ -x "$1/bin/java" ] || { [ -h "$1" ] && ! [ -e "$1" ]; }; then # not what merely lies beside JDKs
        si_explain "$1" "$1"
    fi
    return 1
}

si_explain_java() {
    si_java=$(readlink -f -- "$1")
    case $si_java in
        */bin/java) si_explain "$1, which is $si_java" "${si_java%/bin/java}" ;;
        *) si_found="$si_found
  $1: no program in the directory bin of a JDK" ;;
    esac
    return 1
}

# si_find_jdk: sets si_jdk; or fails, and si_no_jdk says what there is and what to do
si_find_jdk() {
    if si_each_home si_is_jdk || si_each_on_path si_is_in_jdk || si_each_on_path si_leads_into_jdk; then return 0; fi
    si_found='' si_explained=:
    si_each_home si_explain_home || si_each_on_path si_explain_java || :
    # shellcheck disable=SC2034 # the scripts that source this file print it
    si_no_jdk="no JDK 25 or newer found${si_found:-, and no other Java}
Install one (https://adoptium.net, or your package manager) and let JAVA_HOME name its directory."
    return 1
}
