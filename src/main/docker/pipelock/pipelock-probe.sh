#!/bin/sh
# Succeeds if pipelock works: a request through its proxy port for a host that is not allowed must get pipelock's own 403. The kill
# switch causes a 503 (while /health says 200), a frozen process no response. The probe needs no network and waits for a starting pipelock.
# Each probe adds a line to pipelock's log, so its period should be long.
proxy=${1:-127.0.0.1:8888}
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    status=$(curl --silent --output /dev/null --max-time 3 --write-out '%{http_code}' --proxy "http://$proxy" http://probe.invalid/)
    case $? in
        0) [ "$status" = 403 ]; exit ;;
        7) sleep 0.2 ;; # nothing listens yet
        *) exit 1 ;;
    esac
done
exit 1
