#!/bin/sh
# git-gate: git://HOST:9418/repo.git is a mirror of the upstream that lets no secret pass. See hooks/pre-receive.
#
# HOME                            a volume; repo.git is made there at the first start
# CLAUDE_BOTTLE_GIT_UPSTREAM      ssh://…, user@host:path, https://…, file://… or /path; unset: the gate is itself the last stop
# CLAUDE_BOTTLE_GIT_SSH_KEY, CLAUDE_BOTTLE_GIT_KNOWN_HOSTS     files, both needed for ssh
# CLAUDE_BOTTLE_GIT_CREDENTIALS   for https: a file with a line https://USER:TOKEN@HOST
# For tests and unusual layouts: GIT_GATE_PORT, GIT_GATE_APP, GIT_GATE_GITLEAKS_CONFIG, GITLEAKS_BIN, GIT_GATE_SCAN_SECONDS
set -eu

fail() {
    echo "cannot start git-gate: $1" >&2
    exit 1
}

# The built-in bundle names no user. Nothing here needs root.
if [ "$(id -u)" = 0 ] && home=$(getent passwd git-gate | cut -d: -f6) && [ -n "$home" ]; then
    export HOME="$home"
    exec setpriv --reuid=git-gate --regid=git-gate --init-groups /bin/sh "$0"
fi

app=${GIT_GATE_APP:-/app/git-gate}
config=${GIT_GATE_GITLEAKS_CONFIG:-/etc/gitleaks.toml}
upstream=${CLAUDE_BOTTLE_GIT_UPSTREAM:-}
key=${CLAUDE_BOTTLE_GIT_SSH_KEY:-}
known_hosts=${CLAUDE_BOTTLE_GIT_KNOWN_HOSTS:-}
credentials=${CLAUDE_BOTTLE_GIT_CREDENTIALS:-}
home=${HOME:-}
repo=$home/repo.git
health=$home/health.git

for program in git python3 "${GITLEAKS_BIN:-gitleaks}"; do
    command -v "$program" >/dev/null || fail "$program: not found"
done
[ -x "$app/hooks/pre-receive" ] || fail "$app/hooks/pre-receive is missing or not executable"
[ -d "$home" ] && [ -w "$home" ] || fail "HOME ($home) is no writable directory; mount a volume that user $(id -un) owns"
[ -r "$config" ] || fail "cannot read $config"
problem=$("${GITLEAKS_BIN:-gitleaks}" stdin --no-banner --log-level error --no-color --config "$config" </dev/null 2>&1) ||
    fail "gitleaks does not take $config: $problem"

for file in "$key" "$known_hosts" "$credentials"; do
    [ -z "$file" ] || [ -r "$file" ] || fail "cannot read $file"
done
case $upstream in
    '' | /* | file:///* | https://*) ;;
    ssh://* | [!-:/]*@*:*)
        command -v ssh >/dev/null || fail "ssh: not found"
        [ -n "$key" ] && [ -n "$known_hosts" ] ||
            fail "an ssh upstream needs CLAUDE_BOTTLE_GIT_SSH_KEY and CLAUDE_BOTTLE_GIT_KNOWN_HOSTS" ;;
    *) fail "CLAUDE_BOTTLE_GIT_UPSTREAM is none of ssh://…, user@host:path, https://…, file:///…, /path" ;;
esac
# Else it would be in messages to the agent, in the log, and in the repository.
case $upstream in
    https://*@* | ssh://*:*@*) fail "CLAUDE_BOTTLE_GIT_UPSTREAM holds credentials; give them in the file CLAUDE_BOTTLE_GIT_CREDENTIALS" ;;
esac

# shellcheck disable=SC2046 # a list of names
unset $(git rev-parse --local-env-vars)
export CLAUDE_BOTTLE_GIT_UPSTREAM="$upstream"
export GIT_TERMINAL_PROMPT=0 GIT_ALLOW_PROTOCOL=ssh:https:file
export GIT_SSH_COMMAND="ssh -F /dev/null -i '$key' -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile='$known_hosts' \
-o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes -o ConnectTimeout=10 -o ServerAliveInterval=15"

for directory in "$repo" "$health"; do
    [ -d "$directory" ] || git init --quiet --bare --initial-branch=main --template= "$directory" || fail "cannot make $directory"
done

# What another upstream had counts as known here, and would pass unscanned; what only the gate has would be lost to the first fetch.
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
	maxInputSize = 256m
	# whether a branch may go is for the upstream to say
	denyDeleteCurrent = ignore
[gc]
	autoDetach = false
EOF
git config -f "$repo/config" git-gate.upstream "$upstream"
[ -z "$credentials" ] || git config -f "$repo/config" credential.helper \
    "!f() { test \"\$1\" = get && git credential-store --file='$credentials' get; }; f"
git config -f "$health/config" daemon.receivePack false
rm -rf "$repo"/objects/tmp_objdir-*  # quarantines of pushes that were killed

[ -n "$upstream" ] && echo "git-gate: mirroring $upstream" >&2 || echo "git-gate: no upstream, this is the last stop" >&2
# Not `git daemon`, which would stay as a parent. 3 is the log for the hooks: git takes their stderr.
exec "$(git --exec-path)/git-daemon" --reuseaddr --listen=0.0.0.0 --port="${GIT_GATE_PORT:-9418}" --log-destination=stderr \
    --strict-paths --export-all --base-path="$home" --enable=receive-pack --access-hook="$app/access-hook" \
    --init-timeout=10 --timeout=300 --max-connections=32 "$repo" "$health" 3>&2
