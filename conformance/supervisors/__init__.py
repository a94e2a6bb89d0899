"""The supervisors, one file each, in the order of the table."""

from conformance.supervisor import Supervisor
from conformance.supervisors import busybox, daemontools, monit, runit, s6, sidecar_init, supervisord, tini

ALL: tuple[Supervisor, ...] = (
    sidecar_init.SUPERVISOR,
    s6.SUPERVISOR,
    runit.SUPERVISOR,
    supervisord.SUPERVISOR,
    monit.SUPERVISOR,
    daemontools.SUPERVISOR,
    busybox.SUPERVISOR,
    tini.SUPERVISOR,
)
