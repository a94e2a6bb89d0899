"""A readiness probe that hangs keeps neither the other daemons from being ready nor the container from a stop."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A probe hangs when what it asks hangs, which is just when it matters that the rest works."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.READINESS)


def check(test):
    job = test.job()
    job.daemon("hangs", IDLE, ready=f"event probed\ntrap '' TERM\n{IDLE}")
    job.daemon("web", IDLE, ready="exit 0")
    with test.start(job) as container:
        container.await_starts()
        container.await_event("hangs-ready probed")
        container.await_that(lambda: container.is_ready("web"), "readiness of the other daemon")
        container.terminate()
        container.await_exit(within=job.grace + 10)
