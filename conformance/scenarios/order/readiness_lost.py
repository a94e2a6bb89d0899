"""A daemon whose probe fails again is no longer ready, and is again when it passes."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A server that has lost its database runs on and answers with errors."
BITTEN = ()
NEEDS = (Claim.READINESS,)


def check(test):
    job = test.job()
    ready = job.directory / "ready"
    ready.touch()
    job.daemon("web", IDLE, ready=f"[ -e {ready} ]")
    with test.start(job) as container:
        container.await_starts()
        container.await_that(lambda: container.is_ready("web"), "readiness")
        ready.unlink()
        container.await_that(lambda: not container.is_ready("web"), "end of the readiness")
        ready.touch()
        container.await_that(lambda: container.is_ready("web"), "second readiness")
