"""A daemon that is stopped (SIGSTOP) does not hold up the stop for longer than its grace."""

import signal

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "TERM stays pending in a process that is stopped; who waits for its death waits for ever."
BITTEN = ()
NEEDS = (Claim.GRACE,)


def check(test):
    job = test.job(grace=1)
    job.daemon("web", IDLE)
    with test.start(job) as container:
        container.await_starts()
        container.kill("web", signal.SIGSTOP)
        container.terminate()
        container.await_exit(within=job.grace + 5)
