"""A TERM and a daemon's death that come while PID 1 does not run are noticed when it goes on."""

import os
import signal
import time

from conformance.container import expect
from conformance.job import IDLE, Policy, until_term
from conformance.supervisor import Claim

WHY = "`docker pause`, a snapshot of a virtual machine and a lack of processor time stop PID 1 for seconds."
BITTEN = ("moby/moby#34027",)
NEEDS = (Claim.SEVERAL,)


def check(test):
    job = test.job(policy=Policy.LEAVE)
    job.daemon("dying", IDLE)
    job.daemon("web", until_term("event term; exit 0"))
    with test.start(job) as container:
        container.await_starts()
        container.await_event("web waits")
        supervising = container.supervising()
        for pid in supervising:
            os.kill(pid, signal.SIGSTOP)
        container.kill("dying")
        container.terminate()
        time.sleep(1)
        for pid in supervising:
            os.kill(pid, signal.SIGCONT)
        container.await_exit()
        expect(len(container.events("web term")) > 0, "the daemon got no TERM")
