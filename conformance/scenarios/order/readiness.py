"""A daemon is ready when its probe passes, and not before."""

import time

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Who routes to a daemon that runs but does not serve yet sends people into errors."
BITTEN = ()
NEEDS = (Claim.READINESS,)

NOT_READY = 1.5


def check(test):
    job = test.job()
    ready = job.directory / "ready"
    job.daemon("web", IDLE, ready=f"event probed\n[ -e {ready} ]")
    with test.start(job) as container:
        container.await_starts()
        container.await_event("web-ready probed", 2)
        time.sleep(NOT_READY)
        expect(not container.is_ready("web"), "ready although the probe fails")
        ready.touch()
        container.await_that(lambda: container.is_ready("web"), "readiness")
