"""A second TERM ends a stop that takes long."""

import time

from conformance.job import until_term
from conformance.supervisor import Claim

WHY = "Who sees a container hang wants a way out that does not wait for the end of a long grace."
BITTEN = ()
NEEDS = (Claim.FORCE,)


def check(test):
    job = test.job(grace=60)
    job.daemon("web", until_term("event term"))
    with test.start(job) as container:
        container.await_event("web waits")
        container.terminate()
        container.await_event("web term")
        time.sleep(1.5)  # two at the same moment may count as one
        container.terminate()
        container.await_exit()
