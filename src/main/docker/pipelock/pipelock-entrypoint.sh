#!/bin/sh
# Starts pipelock with /etc/pipelock.yaml, the allowed hosts, and interception of TLS by a CA of its own that is made at the first start.
#
#   CLAUDE_BOTTLE_ALLOWED_HOSTS   the allowed hosts, separated by commas; else ALLOWED_HOSTS_FILE (/etc/allowed-hosts)
#   SSL_CERT_FILE                 the CAs to trust for the outside (pipelock's default: the system's)
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

cannot() {
    echo "cannot start pipelock: $*" >&2
    exit 1
}

[ -r "$given" ] || cannot "$given is not readable"
[ -d "$PIPELOCK_HOME" ] && [ -w "$PIPELOCK_HOME" ] || cannot "$PIPELOCK_HOME is not writable by uid $(id -u); mount a volume there that is"
hosts=$(python3 "${EGRESS_APP:-/app/egress}/allowed_hosts.py" 2>&1) || cannot "$hosts"

# The certificate comes into being last, whole: egress and every later start take it for good.
if [ ! -e "$ca" ]; then
    fresh=$PIPELOCK_HOME/ca.new
    rm -rf "$fresh"
    said=$("$pipelock" tls init --out "$fresh" 2>&1) || cannot "$pipelock tls init: $said"
    mv -f "$fresh/ca-key.pem" "$key"
    chmod 0644 "$fresh/ca.pem"
    mv "$fresh/ca.pem" "$ca"
    rm -rf "$fresh"
fi
[ -r "$key" ] || cannot "$key is missing or not readable, but $ca is there; remove both, and a new CA is made"

# The operator's file may say anything but what is written here.
placeholder='api_allowlist: ["nothing.invalid"]'
! grep -vxF "$placeholder" "$given" | grep -q '^api_allowlist *:' ||
    cannot "$given has an api_allowlist; write the hosts into /etc/allowed-hosts or CLAUDE_BOTTLE_ALLOWED_HOSTS, and remove it there"
! grep -q '^tls_interception *: *[^ #]' "$given" ||
    cannot "$given has tls_interception on one line; write its keys on lines of their own, indented by two spaces"
grep -q '^tls_interception *:' "$given" && block='' || block='tls_interception:'
{
    printf '%s\n%s\n' "$hosts" "$block"
    grep -vxF "$placeholder" "$given"
} | sed "/^tls_interception *:/a\\
  enabled: true\\
  ca_cert: \"$ca\"\\
  ca_key: \"$key\"" >"$config.new"
said=$("$pipelock" check --config "$config.new" 2>&1) || cannot "$given: $(printf '%s' "$said" | tail -n 1)"
mv "$config.new" "$config"

exec "$pipelock" run --config "$config"
