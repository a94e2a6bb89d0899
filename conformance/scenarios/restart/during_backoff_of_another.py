"""A daemon that dies during another one's delay is started again without waiting for that."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "The delay of a daemon that can't start grows to minutes; the others must not wait in the same queue."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.RESTART)

STARTS = 5  # until then, a delay that doubles has grown to several seconds


def check(test):
    job = test.job(policy=Policy.RESTART, backoff=True)
    job.daemon("loops", "exit 1")
    job.daemon("other", IDLE)
    with test.start(job) as container:
        container.await_starts()
        container.await_event("loops started", STARTS, within=60)
        container.kill("other")
        container.await_event("other started", 2, within=6)
