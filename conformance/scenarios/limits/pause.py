"""After a pause of the whole container, no daemon is started again."""

import time

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A snapshot or a full host stops time for all; nobody has died."
BITTEN = ("moby/moby#46203",)
NEEDS = (Claim.SEVERAL, Claim.RESTART)


def check(test):
    job = test.job(policy=Policy.RESTART)
    for name in ("a", "b"):
        job.daemon(name, IDLE)
    with test.start(job) as container:
        container.await_starts()
        container.pause(seconds=3)
        time.sleep(2)
        for name in ("a", "b"):
            expect(len(container.events(f"{name} started")) == 1, f"{name} was started again")
            expect(container.is_alive(name), f"{name} does not run")
        container.kill("a")
        container.await_event("a started", 2)
