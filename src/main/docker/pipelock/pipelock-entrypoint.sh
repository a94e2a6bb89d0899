#!/bin/sh
# Starts pipelock with /etc/pipelock.yaml, the allowed hosts, and TLS interception by its own CA, which the first start creates.
#
#   CLAUDE_BOTTLE_ALLOWED_HOSTS   the allowed hosts, comma-separated; default: ALLOWED_HOSTS_FILE (/etc/allowed-hosts)
#   SSL_CERT_FILE                 the CAs to trust for the outside (default: the system's)
#   PIPELOCK_HOME (/var/lib/pipelock, a volume)  PIPELOCK_CONFIG (/etc/pipelock.yaml)  PIPELOCK_BIN (/usr/local/bin/pipelock)
#   EGRESS_APP (/app/egress)
set -eu
umask 077

export PIPELOCK_HOME="${PIPELOCK_HOME:-/var/lib/pipelock}"
given=${PIPELOCK_CONFIG:-/etc/pipelock.yaml}
pipelock=${PIPELOCK_BIN:-/usr/local/bin/pipelock}
ca=$PIPELOCK_HOME/ca.pem
key=$PIPELOCK_HOME/ca-key.pem
config=$PIPELOCK_HOME/pipelock.yaml

fail() {
    echo "cannot start pipelock: $*" >&2
    exit 1
}

[ -r "$given" ] || fail "$given is not readable"
[ -d "$PIPELOCK_HOME" ] && [ -w "$PIPELOCK_HOME" ] || fail "$PIPELOCK_HOME is not writable by uid $(id -u); mount a writable volume there"
hosts=$(python3 "${EGRESS_APP:-/app/egress}/allowed_hosts.py" 2>&1) || fail "$hosts"

# The certificate appears last and complete, because egress and every later start rely on it.
if [ ! -e "$ca" ]; then
    new=$PIPELOCK_HOME/ca.new
    rm -rf "$new"
    output=$("$pipelock" tls init --out "$new" 2>&1) || fail "$pipelock tls init: $output"
    mv -f "$new/ca-key.pem" "$key"
    chmod 0644 "$new/ca.pem"
    mv "$new/ca.pem" "$ca"
    rm -rf "$new"
fi
[ -r "$key" ] || fail "$key is missing or not readable, but $ca is there; remove both, and the next start creates a new CA"

# The operator's file may contain anything except the keys that this script writes.
placeholder='api_allowlist: ["nothing.invalid"]'
! grep -vxF "$placeholder" "$given" | grep -q '^api_allowlist *:' ||
    fail "$given has an api_allowlist; remove it, and write the hosts into /etc/allowed-hosts or CLAUDE_BOTTLE_ALLOWED_HOSTS"
! grep -q '^tls_interception *: *[^ #]' "$given" ||
    fail "$given has tls_interception on one line; write its keys on separate lines, indented by two spaces"
block='tls_interception:'
if grep -q '^tls_interception *:' "$given"; then block=''; fi
{
    printf '%s\n%s\n' "$hosts" "$block"
    grep -vxF "$placeholder" "$given"
} | sed "/^tls_interception *:/a\\
  enabled: true\\
  ca_cert: \"$ca\"\\
  ca_key: \"$key\"" >"$config.new"
output=$("$pipelock" check --config "$config.new" 2>&1) || fail "$given: $(printf '%s' "$output" | tail -n 1)"
mv "$config.new" "$config"

exec "$pipelock" run --config "$config"
