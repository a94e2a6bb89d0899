"""A daemon that is stopped (SIGSTOP) can still finish its work at the stop."""

import signal

from conformance.container import expect
from conformance.job import until_term
from conformance.supervisor import Claim

WHY = "TERM stays pending in a process that is stopped; without CONT, KILL is all that it ever notices."
BITTEN = ()
NEEDS = (Claim.RESUME,)


def check(test):
    job = test.job(grace=8)
    job.daemon("web", until_term("event done; exit 0"))
    with test.start(job) as container:
        container.await_event("web waits")
        container.kill("web", signal.SIGSTOP)
        container.terminate()
        container.await_exit()
        expect(len(container.events("web done")) > 0, "the daemon could not finish")
