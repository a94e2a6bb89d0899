"""After one daemon was given up, another that dies is still started again."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "The allowance is each daemon's own: one that can't start must not use up that of the others."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.RESTART, Claim.GIVE_UP)

DEATHS = 3


def check(test):
    job = test.job(policy=Policy.RESTART, give_up_after=DEATHS)
    job.daemon("loops", "exit 1")
    job.daemon("other", IDLE)
    with test.start(job) as container:
        container.await_event("other started")
        container.await_event("loops started", DEATHS)
        container.kill("other")
        container.await_event("other started", 2)
