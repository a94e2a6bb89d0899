"""The end of a daemon that has put itself into the background is a death like any other."""

from conformance.job import Policy
from conformance.supervisor import Claim

WHY = "A program that forks and ends, as old daemons do, must not pass for supervised while nobody watches it."
BITTEN = ()
NEEDS = (Claim.RESTART,)


def check(test):
    job = test.job(policy=Policy.RESTART)
    job.daemon("web", "(setsid sleep 3 &)\nexit 0")
    with test.start(job) as container:
        container.await_starts(2)
