"""A readiness probe that writes a lot is neither blocked nor a failure."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A pipe that nobody reads holds 64 KB; then the probe blocks, and its daemon counts as not ready."
BITTEN = ()
NEEDS = (Claim.READINESS,)


def check(test):
    job = test.job()
    job.daemon(
        "web",
        IDLE,
        ready="head -c 1000000 /dev/zero | tr '\\\\0' x\nhead -c 1000000 /dev/zero | tr '\\\\0' y >&2\nexit 0",
    )
    with test.start(job) as container:
        container.await_starts()
        container.await_that(lambda: container.is_ready("web"), "readiness")
