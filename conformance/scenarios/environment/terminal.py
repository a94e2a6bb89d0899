"""A daemon has no controlling terminal, although PID 1 has one."""

import os

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "With `docker run --tty`, a ^C or a hangup of the terminal would reach every daemon past the supervisor."
BITTEN = ("Yelp/dumb-init#136",)
NEEDS = (Claim.SEVERAL,)


def check(test):
    job = test.job()
    for name in ("first", "second"):
        job.daemon(name, IDLE)
    ours, theirs = os.openpty()
    try:
        # the first terminal that the leader of a session opens becomes its controlling one
        setup = f"exec <{os.ttyname(theirs)}"
        with test.start(job, setup=setup) as container:
            container.await_starts()
            for daemon in job.daemons:
                terminal = processes.terminal(container.live_pid(daemon.name))
                expect(not terminal, f"{daemon.name} has the controlling terminal {terminal:x}")
    finally:
        os.close(ours)
        os.close(theirs)
