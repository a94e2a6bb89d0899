"""The supervisors, one file each, in the order of the table."""

from conformance.supervisor import Supervisor
from conformance.supervisors import (
    bash,
    busybox,
    catatonit,
    circus,
    daemontools,
    dumb_init,
    honcho,
    horust,
    monit,
    pebble,
    process_compose,
    python_script,
    runit,
    s6,
    sidecar_init,
    supervisord,
    tini,
)

ALL: tuple[Supervisor, ...] = (
    sidecar_init.SUPERVISOR,
    pebble.SUPERVISOR,
    process_compose.SUPERVISOR,
    s6.SUPERVISOR,
    runit.SUPERVISOR,
    supervisord.SUPERVISOR,
    monit.SUPERVISOR,
    daemontools.SUPERVISOR,
    busybox.SUPERVISOR,
    horust.SUPERVISOR,
    circus.SUPERVISOR,
    honcho.SUPERVISOR,
    tini.SUPERVISOR,
    dumb_init.SUPERVISOR,
    catatonit.SUPERVISOR,
    bash.SUPERVISOR,
    python_script.SUPERVISOR,
)
