"""A daemon that is stopped (SIGSTOP) does not hold up the stop for longer than its grace."""

import signal

from conformance.job import until_term
from conformance.supervisor import Claim

WHY = "TERM stays pending in a process that is stopped; who waits for its death waits for ever."
BITTEN = ()
NEEDS = (Claim.GRACE,)


def check(test):
    job = test.job(grace=1)
    # with a handler, because the kernel kills by a TERM that has none, stopped or not
    job.daemon("web", until_term("exit 0"))
    with test.start(job) as container:
        container.await_event("web waits")
        container.kill("web", signal.SIGSTOP)
        container.terminate()
        container.await_exit(within=job.grace + 9)
