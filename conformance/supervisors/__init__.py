"""The supervisors, one file each, in the order of the table."""

from conformance.supervisor import Supervisor
from conformance.supervisors import daemontools, monit, runit, s6, sidecar_init, supervisord, tini

ALL: tuple[Supervisor, ...] = (
    sidecar_init.SUPERVISOR,
    s6.SUPERVISOR,
    runit.SUPERVISOR,
    supervisord.SUPERVISOR,
    monit.SUPERVISOR,
    daemontools.SUPERVISOR,
    tini.SUPERVISOR,
)
