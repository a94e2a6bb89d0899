"""A daemon that depends on two starts when both are ready."""

import time

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Who starts with the first of them works without the second."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.READINESS, Claim.DEPENDENCIES)

NOT_READY = 1.5


def check(test):
    job = test.job()
    late = job.directory / "late"
    job.daemon("client", IDLE, depends_on=("early", "late"))
    job.daemon("early", IDLE, ready="event probed; exit 0")
    job.daemon("late", IDLE, ready=f"[ -e {late} ]")
    with test.start(job) as container:
        for name in ("early started", "late started", "early-ready probed"):
            container.await_event(name)
        time.sleep(NOT_READY)
        expect(not container.events("client"), "the client was started although one of the two was not ready")
        late.touch()
        container.await_event("client started")
