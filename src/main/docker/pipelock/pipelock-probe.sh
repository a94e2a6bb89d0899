#!/bin/sh
# Succeeds if pipelock works: a request through its proxy port for a host that is not allowed must get pipelock's own 403. The kill
# switch causes a 503 (while /health says 200), a frozen process no response. The probe needs no network.
# pipelock-entrypoint.sh leaves the probes out of the log.
proxy=${1:-127.0.0.1:8888}
status=$(curl --silent --output /dev/null --max-time 3 --write-out '%{http_code}' --proxy "http://$proxy" http://probe.invalid/) || exit 1
[ "$status" = 403 ]
