"""The container ends when all daemons have ended by themselves."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A container in which nothing runs looks healthy to its engine for as long as PID 1 lives."
BITTEN = ("just-containers/s6-overlay#87",)
NEEDS = (Claim.SEVERAL, Claim.ALL_DONE)


def check(test):
    job = test.job()
    job.daemon("ends", "exit 0")
    job.daemon("killed", IDLE)
    with test.start(job) as container:
        container.await_starts()
        container.kill("killed")
        container.await_exit(within=20)
