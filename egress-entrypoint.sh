#!/bin/sh
# Starts egress: mitmdump with the allow-list add-on, as the agent's proxy. Allowed requests go on to pipelock.
#
#   CLAUDE_BOTTLE_ALLOWED_HOSTS   the allowed hosts, comma-separated; default: ALLOWED_HOSTS_FILE (/etc/allowed-hosts)
#   CLAUDE_BOTTLE_CREDENTIALS     the file of the credentials that egress puts into requests; default: /etc/credentials.yaml, if it exists
#   SSL_CERT_FILE                 the CAs to trust besides pipelock's (/etc/ssl/certs/ca-certificates.crt)
#   CLAUDE_BOTTLE_CA_CERT, CLAUDE_BOTTLE_CA_KEY   PEM files: a CA of the operator, instead of egress' own. See given_ca.py.
#   EGRESS_CONFDIR                a volume for egress' own CA (/var/lib/egress)
#   EGRESS_PORT (9099)  EGRESS_PIPELOCK (127.0.0.1:8888)  EGRESS_APP (/app/egress)  EGRESS_USER (mitmproxy; what root becomes)
#   EGRESS_IDLE_SECONDS (7200)    a connection without a byte in either direction for so long is closed
#   PIPELOCK_HOME (/var/lib/pipelock)  PIPELOCK_CONFIG (/etc/pipelock.yaml; egress reads there how much pipelock forwards)
set -eu

port=${EGRESS_PORT:-9099}
app=${EGRESS_APP:-/app/egress}
user=${EGRESS_USER:-mitmproxy}
confdir=${EGRESS_CONFDIR:-/var/lib/egress}
system_ca=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
pipelock_ca=${PIPELOCK_HOME:-/var/lib/pipelock}/ca.pem
trusted_ca=$confdir/upstream-ca.pem
export EGRESS_PIPELOCK="${EGRESS_PIPELOCK:-127.0.0.1:8888}"
# Twice what the longest answer may be silent. It is the limit that frees the agent's dead connections; mitmproxy's default is 10 minutes.
export EGRESS_IDLE_SECONDS="${EGRESS_IDLE_SECONDS:-7200}"
export PYTHONUNBUFFERED=1

fail() {
    echo "cannot start egress: $*" >&2
    exit 1
}

# The bundle file sets `user: mitmproxy`; a bundle without it starts this as root, for which PATH does not count.
if [ "$(/usr/bin/id -u)" = 0 ] && [ "$(/usr/bin/id -u "$user" 2>/dev/null || echo 0)" != 0 ]; then
    drop="/usr/bin/setpriv --reuid=$user --regid=$(/usr/bin/id -g "$user") --init-groups --no-new-privs"
    if $drop /usr/bin/true 2>/dev/null; then
        HOME=$(/usr/bin/getent passwd "$user" | /usr/bin/cut -d: -f6)
        export HOME
        exec $drop /bin/sh "$0"
    fi
fi
[ "$(/usr/bin/id -u)" != 0 ] || echo "egress runs as root: it cannot become $user (no such user, or setpriv lacks the right)"

case $port in
    *[!0-9]* | ??????*) fail "EGRESS_PORT \"$port\" is not a port" ;;
esac
[ "$port" -ge 1 ] && [ "$port" -le 65535 ] || fail "EGRESS_PORT \"$port\" is not a port"
expr "x$EGRESS_PIPELOCK" : 'x[0-9A-Za-z.-]*:[0-9]\{1,5\}$' >/dev/null || fail "EGRESS_PIPELOCK \"$EGRESS_PIPELOCK\" is not HOST:PORT"
hosts=$(python3 "$app/allowed_hosts.py" 2>&1) || fail "$hosts"
if [ -n "${CLAUDE_BOTTLE_CREDENTIALS:-}" ] || [ -e /etc/credentials.yaml ]; then
    credentials=$(python3 "$app/credentials.py" 2>&1) || fail "$credentials"
fi
[ -r "$system_ca" ] || fail "$system_ca is not readable; it holds the CAs to trust (SSL_CERT_FILE names another)"
mkdir -p "$confdir" 2>/dev/null || true
[ -d "$confdir" ] && [ -w "$confdir" ] || fail "$confdir is not writable by uid $(/usr/bin/id -u); mount a writable volume there"

# Kubernetes lets the group read and write all files of a volume that has an fsGroup.
chmod go= "$confdir"/mitmproxy-ca.p* 2>/dev/null || :

# pipelock intercepts most hosts with its own CA, and passes some through.
set -- "$system_ca"
if [ -e "$pipelock_ca" ]; then
    set -- "$system_ca" "$pipelock_ca"
else
    echo "there is no $pipelock_ca; https works for hosts that pipelock does not intercept"
fi
awk 1 "$@" >"$trusted_ca" || fail "$* cannot be written to $trusted_ca"

# The upstream is a dead end on purpose: only the add-on sends an allowed request to pipelock (see egress.py).
# connection_strategy and upstream_cert: mitmdump connects to nothing before the add-on has checked the request.
set -- mitmdump --mode upstream:http://127.0.0.1:9 --listen-host 0.0.0.0 --listen-port "$port" --scripts "$app/egress.py" \
    --set ssl_verify_upstream_trusted_ca="$trusted_ca" \
    --set connection_strategy=lazy --set upstream_cert=false --set tcp_timeout="$EGRESS_IDLE_SECONDS" \
    --set http2=false --set rawtcp=false --set websocket=false --set onboarding=false --set block_global=false \
    --set flow_detail=0 --set termlog_verbosity=warn
[ -z "${CLAUDE_BOTTLE_CA_CERT:-}${CLAUDE_BOTTLE_CA_KEY:-}" ] || exec python3 "$app/given_ca.py" "$confdir/given" "$@"
exec "$@" --set confdir="$confdir"
