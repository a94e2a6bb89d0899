"""The supervisors, one file each, in the order of the table."""

from conformance.supervisor import Supervisor
from conformance.supervisors import (
    bash,
    catatonit,
    circus,
    dumb_init,
    honcho,
    horust,
    pebble,
    process_compose,
    python_script,
    s6,
    sidecar_init,
    tini,
)

ALL: tuple[Supervisor, ...] = (
    sidecar_init.SUPERVISOR,
    pebble.SUPERVISOR,
    process_compose.SUPERVISOR,
    s6.SUPERVISOR,
    horust.SUPERVISOR,
    circus.SUPERVISOR,
    honcho.SUPERVISOR,
    tini.SUPERVISOR,
    dumb_init.SUPERVISOR,
    catatonit.SUPERVISOR,
    bash.SUPERVISOR,
    *python_script.ALL,
)
