"""A daemon that was started again is ready when its probe passes again, and not before."""

import time

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "The second start takes as long as the first until it serves."
BITTEN = ()
NEEDS = (Claim.RESTART, Claim.READINESS)

NOT_READY = 1.5


def check(test):
    job = test.job(policy=Policy.RESTART)
    ready = job.directory / "ready"
    job.daemon("web", f"rm -f {ready}\nevent initializes\n{IDLE}", ready=f"[ -e {ready} ]")
    with test.start(job) as container:
        container.await_event("web initializes")
        ready.touch()
        container.await_that(lambda: container.is_ready("web"), "readiness")
        container.kill("web")
        container.await_event("web initializes", 2)
        container.await_that(lambda: not container.is_ready("web"), "end of the readiness")
        time.sleep(NOT_READY)
        expect(not container.is_ready("web"), "ready although the probe fails")
        ready.touch()
        container.await_that(lambda: container.is_ready("web"), "second readiness")
