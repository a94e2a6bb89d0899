#!/bin/sh
# Starts pipelock with /etc/pipelock.yaml, the allowed hosts, and TLS interception by its own CA, which the first start creates.
#
#   CLAUDE_BOTTLE_ALLOWED_HOSTS   the allowed hosts, comma-separated; default: ALLOWED_HOSTS_FILE (/etc/allowed-hosts)
#   SSL_CERT_FILE                 the CAs to trust for the outside (default: the system's)
#   PIPELOCK_HOME (/var/lib/pipelock, a volume)  PIPELOCK_CONFIG (/etc/pipelock.yaml)  PIPELOCK_BIN (/usr/local/bin/pipelock)
#   PIPELOCK_APP (/app/pipelock)  EGRESS_APP (/app/egress)
set -eu
umask 077

export PIPELOCK_HOME="${PIPELOCK_HOME:-/var/lib/pipelock}"
app=${PIPELOCK_APP:-/app/pipelock}
egress=${EGRESS_APP:-/app/egress}
pipelock=${PIPELOCK_BIN:-/usr/local/bin/pipelock}
ca=$PIPELOCK_HOME/ca.pem
key=$PIPELOCK_HOME/ca-key.pem
config=$PIPELOCK_HOME/pipelock.yaml

fail() {
    echo "cannot start pipelock: $*" >&2
    exit 1
}

[ -d "$PIPELOCK_HOME" ] && [ -w "$PIPELOCK_HOME" ] || fail "$PIPELOCK_HOME is not writable by uid $(id -u); mount a writable volume there"

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
# Kubernetes lets the group write to all files of a volume that has an fsGroup, and pipelock refuses a key with such a mode.
chmod 0600 "$key" 2>/dev/null || :
[ -r "$key" ] || fail "$key is missing or not readable, but $ca is there; remove both, and the next start creates a new CA"

error=$(PYTHONPATH=$egress python3 "$app/pipelock_config.py" 2>&1) || fail "$error"

# Follows changes of the allow-list's file (decision 0017). It ends when pipelock does; pipelock, to be started again, when it dies.
follow() {
    trap '' HUP # which is meant for pipelock
    rc=0
    PYTHONPATH=$egress python3 -S "$app/follow_hosts.py" $$ || rc=$?
    case $rc in
        0 | 3) ;; # pipelock has ended, or changes cannot be followed
        *)
            echo "what gives pipelock a changed allow-list has exited with code $rc; pipelock ends, and starts anew with it"
            kill -TERM $$
            ;;
    esac
}
if [ -z "${CLAUDE_BOTTLE_ALLOWED_HOSTS:-}" ]; then follow & fi

# pipelock has no setting that leaves out what it logs for each tunnel that it intercepts, for each answer of an exempt host and for each
# probe, and it logs a secret in a URL. What the agent sends cannot pass for these lines, because pipelock escapes its quotes. The
# filter ends with pipelock's output, and pipelock without a filter at its next line.
log=$PIPELOCK_HOME/log
rm -f "$log"
mkfifo "$log"
(
    trap '' HUP INT TERM
    LC_ALL=C exec sed -u \
        -e '/"reason":"TLS MITM interception active"/d' \
        -e '/"error":"clientConn: close [^"]*: use of closed network connection"/d' \
        -e '/"event":"response_scan_exempt"/d' \
        -e '/"url":"http:\/\/probe\.invalid\/"/{/"scanner":"allowlist"/d;}' \
        -e '/"scanner":"core_dlp"/s|"url":"\([a-z]*://[^/?"]*\)[^"]*"|"url":"\1/[redacted]"|' <"$log"
) &

exec "$pipelock" run --config "$config" >"$log"
