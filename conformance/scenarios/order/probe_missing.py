"""A probe whose program is missing makes its daemon not ready, and harms no other."""

import time

from conformance.container import expect
from conformance.job import IDLE, Daemon
from conformance.supervisor import Claim

WHY = "Not to know is not to be ready; and an image without `curl` is no reason to run nothing."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.READINESS)

SECONDS = 1.5


def check(test):
    job = test.job()
    job.daemons.append(Daemon("web", job.program("web", f"event started $$\n{IDLE}"), ready=job.directory / "missing"))
    job.daemon("other", IDLE, ready="exit 0")
    with test.start(job) as container:
        container.await_starts()
        container.await_that(lambda: container.is_ready("other"), "readiness of the other daemon")
        time.sleep(SECONDS)
        expect(not container.is_ready("web"), "ready although its probe can't run")
        expect(container.is_alive("web") and container.is_alive("other"), "a daemon does not run any more")
