"""A dead daemon is not ready, although its probe would pass."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A probe may reach something else at the daemon's port; the death is known better."
BITTEN = ("canonical/pebble#46",)
NEEDS = (Claim.SEVERAL, Claim.READINESS)


def check(test):
    job = test.job()
    job.daemon("web", IDLE, ready="exit 0")
    job.daemon("other", IDLE)
    with test.start(job) as container:
        container.await_starts()
        container.await_that(lambda: container.is_ready("web"), "readiness")
        container.kill("web")
        container.await_that(lambda: not container.is_ready("web"), "end of the readiness")
