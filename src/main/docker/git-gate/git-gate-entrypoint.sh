#!/bin/sh
# Starts git-gate: git://HOST:9418/repo.git mirrors the upstream and refuses pushes with secrets. See hooks/pre-receive.
#
# HOME                            a volume; the first start creates repo.git there
# CLAUDE_BOTTLE_GIT_UPSTREAM      ssh://…, user@host:path, https://…, file://… or /path; unset: pushes stay here
# CLAUDE_BOTTLE_GIT_SSH_KEY, CLAUDE_BOTTLE_GIT_KNOWN_HOSTS     files, both needed for ssh
# CLAUDE_BOTTLE_GIT_CREDENTIALS   for https: a file with a line https://USER:TOKEN@HOST
# CLAUDE_BOTTLE_GIT_ALLOWED_FINDINGS   instead of /etc/allowed-findings: what the scan finds and may pass. See allowed_findings.py.
# SSL_CERT_FILE                   CAs to trust for https, instead of the system's
# GIT_GATE_SCAN_SECONDS (1800)     a scan of a push takes no longer
# GIT_GATE_STALL_SECONDS (120)    a fetch from the upstream or a push to it ends after this time without progress
# GIT_GATE_WAIT_SECONDS (30)      a client waits this long for a fetch, which then goes on
# GIT_GATE_PUSH_MIB (256)         a larger push is refused
# For tests and other layouts: GIT_GATE_PORT, GIT_GATE_APP, GIT_GATE_GITLEAKS_CONFIG, GITLEAKS_BIN
set -eu

fail() {
    echo "cannot start git-gate: $1" >&2
    exit 1
}

# The built-in bundle sets no user, so this starts as root, which it does not need, and for which PATH does not count.
if [ "$(/usr/bin/id -u)" = 0 ] && home=$(/usr/bin/getent passwd git-gate | /usr/bin/cut -d: -f6) && [ -n "$home" ]; then
    export HOME="$home"
    exec /usr/bin/setpriv --reuid=git-gate --regid=git-gate --init-groups --no-new-privs /bin/sh "$0"
fi

app=${GIT_GATE_APP:-/app/git-gate}
config=${GIT_GATE_GITLEAKS_CONFIG:-/etc/gitleaks.toml}
upstream=${CLAUDE_BOTTLE_GIT_UPSTREAM:-}
key=${CLAUDE_BOTTLE_GIT_SSH_KEY:-}
known_hosts=${CLAUDE_BOTTLE_GIT_KNOWN_HOSTS:-}
credentials=${CLAUDE_BOTTLE_GIT_CREDENTIALS:-}
home=${HOME:-}
port=${GIT_GATE_PORT:-9418}
repo=$home/repo.git
health=$home/health.git

for program in git python3 "${GITLEAKS_BIN:-gitleaks}"; do
    command -v "$program" >/dev/null || fail "$program: not found"
done
[ -x "$app/hooks/pre-receive" ] || fail "$app/hooks/pre-receive is missing or not executable"
[ -d "$home" ] && [ -w "$home" ] || fail "HOME ($home) is not a writable directory; mount a volume that uid $(id -u) can write"
[ -r "$config" ] || fail "cannot read $config"
problem=$("${GITLEAKS_BIN:-gitleaks}" stdin --no-banner --log-level error --no-color --config "$config" </dev/null 2>&1) ||
    fail "gitleaks refuses $config: $problem"

check_number() {
    case $2 in
        '' | [1-9] | [1-9][0-9] | [1-9][0-9][0-9] | [1-9][0-9][0-9][0-9]) ;;
        *) fail "$1 ($2) is not a number from 1 to 9999" ;;
    esac
}
check_number GIT_GATE_SCAN_SECONDS "${GIT_GATE_SCAN_SECONDS:-}"
check_number GIT_GATE_STALL_SECONDS "${GIT_GATE_STALL_SECONDS:-}"
check_number GIT_GATE_WAIT_SECONDS "${GIT_GATE_WAIT_SECONDS:-}"
check_number GIT_GATE_PUSH_MIB "${GIT_GATE_PUSH_MIB:-}"

problem=$(python3 "$app/allowed_findings.py" 2>&1) || fail "$problem"

for file in "$key" "$known_hosts" "$credentials" "${SSL_CERT_FILE:-}"; do
    [ -z "$file" ] || [ -r "$file" ] || fail "cannot read $file"
done
case $upstream in
    '' | /* | file:///* | https://*) ;;
    ssh://* | [!-:/]*@*:*)
        command -v ssh >/dev/null || fail "ssh: not found"
        [ -n "$key" ] && [ -n "$known_hosts" ] ||
            fail "an ssh upstream needs CLAUDE_BOTTLE_GIT_SSH_KEY and CLAUDE_BOTTLE_GIT_KNOWN_HOSTS"
        getent passwd "$(id -u)" >/dev/null ||
            fail "an ssh upstream needs an entry for uid $(id -u) in /etc/passwd, without which ssh does not run; take another uid, or https" ;;
    *) fail "CLAUDE_BOTTLE_GIT_UPSTREAM is not one of ssh://…, user@host:path, https://…, file:///…, /path" ;;
esac
# Credentials in the URL would appear in messages to the agent, in the log and in the repository.
case $upstream in
    https://*@* | ssh://*:*@*) fail "CLAUDE_BOTTLE_GIT_UPSTREAM contains credentials; put them into a file that CLAUDE_BOTTLE_GIT_CREDENTIALS names" ;;
esac

# git daemon would not say it: see below
problem=$(python3 -c '
import os, socket, sys
try:
    socket.create_server(("", int(sys.argv[1])))
except OSError as error:
    sys.exit(os.strerror(error.errno))' "$port" 2>&1) || fail "port $port: $problem"

# shellcheck disable=SC2046 # a list of names
unset $(git rev-parse --local-env-vars)
export CLAUDE_BOTTLE_GIT_UPSTREAM="$upstream"
# git's TLS library is not one that reads SSL_CERT_FILE by itself
[ -z "${SSL_CERT_FILE:-}" ] || export GIT_SSL_CAINFO="$SSL_CERT_FILE"
export GIT_TERMINAL_PROMPT=0 GIT_ALLOW_PROTOCOL=ssh:https:file
export GIT_SSH_COMMAND="ssh -F /dev/null -i '$key' -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile='$known_hosts' \
-o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes -o ConnectTimeout=10 -o ServerAliveInterval=15"

uid=$(id -u)
for directory in "$repo" "$health"; do
    owner=$(stat -c %u "$directory" 2>/dev/null || echo "$uid")
    [ "$owner" = "$uid" ] || fail "$directory belongs to uid $owner, and this is uid $uid" # git refuses it later, and says less
    [ -d "$directory" ] || git init --quiet --bare --initial-branch=main --template= "$directory" || fail "cannot create $directory"
done

# Objects of another upstream would count as known and pass unscanned, and the first fetch would delete refs that only the gate has.
if [ -n "$(git -C "$repo" for-each-ref --count=1)" ] && [ "$(git -C "$repo" config git-gate.upstream || :)" != "$upstream" ]; then
    fail "$repo is the mirror of another upstream; save what you need from it and remove it"
fi

cat >"$repo/config" <<EOF
[core]
	repositoryFormatVersion = 0
	bare = true
	hooksPath = $app/hooks
	useReplaceRefs = false
[receive]
	fsckObjects = true
	maxInputSize = ${GIT_GATE_PUSH_MIB:-256}m
	# the upstream decides whether a branch may be deleted
	denyDeleteCurrent = ignore
# Old repositories contain these, and they harm nobody. The others stay errors: they attack who checks out, or are ambiguous to who scans.
[receive "fsck"]
	badDate = ignore
	badDateOverflow = ignore
	badEmail = ignore
	badName = ignore
	badTimezone = ignore
	missingEmail = ignore
	missingNameBeforeEmail = ignore
	missingSpaceBeforeDate = ignore
	missingSpaceBeforeEmail = ignore
	multipleAuthors = ignore
	zeroPaddedDate = ignore
	zeroPaddedFilemode = ignore
[gc]
	autoDetach = false
EOF
git config -f "$repo/config" git-gate.upstream "$upstream"
[ -z "$credentials" ] || git config -f "$repo/config" credential.helper \
    "!f() { test \"\$1\" = get && git credential-store --file='$credentials' get; }; f"
git config -f "$health/config" daemon.receivePack false
python3 "$app/leftovers.py" "$repo"

if [ -n "$upstream" ]; then echo "git-gate: mirroring $upstream" >&2; else echo "git-gate: no upstream, pushes stay here" >&2; fi
# Descriptor 3 is the log for all that git starts. git daemon's own log would contain what clients send, newlines included.
export GIT_GATE_PID=$$
# in a subshell, so that it is not a child of git daemon, which would not reap it
[ -z "$upstream" ] || (cd "$repo" && python3 "$app/fetching.py" 3>&2 &)
daemon=$(git --exec-path)/git-daemon
export GIT_EXEC_PATH="$app/exec"
# Not `git daemon`, which would remain as a parent.
exec "$daemon" --reuseaddr --listen=0.0.0.0 --port="$port" --log-destination=none \
    --strict-paths --export-all --base-path="$home" --enable=receive-pack --access-hook="$app/access-hook" \
    --informative-errors --init-timeout=10 --timeout=300 --max-connections=64 "$repo" "$health" 3>&2
