"""A daemon whose program is missing keeps no other from running."""

import time

from conformance.container import expect
from conformance.job import IDLE, Daemon
from conformance.supervisor import Claim

WHY = "One wrong path in an image must not take down what is right."
BITTEN = ()
NEEDS = (Claim.SEVERAL,)

SECONDS = 1


def check(test):
    job = test.job()
    job.daemon("before", IDLE)
    program = job.directory / "missing"
    job.daemons.append(Daemon("broken", program))
    job.daemon("after", IDLE)
    with test.start(job) as container:
        for name in ("before", "after"):
            container.await_event(f"{name} started")
        time.sleep(SECONDS)
        for name in ("before", "after"):
            expect(container.is_alive(name), f"{name} does not run any more")
