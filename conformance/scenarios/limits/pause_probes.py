"""After a pause of the whole container, no probe that was paused makes a daemon start again."""

import time

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "After the pause the time of each probe seems to be over, although the daemon had no chance to answer."
BITTEN = ("moby/moby#46203", "podman-container-tools/podman#25128")
NEEDS = (Claim.RESTART, Claim.LIVENESS)

PAUSES = 2


def check(test):
    job = test.job(policy=Policy.RESTART)
    # it takes most of the period, so that the pause hits it
    job.daemon("web", IDLE, alive="event probed\nsleep 0.3")
    with test.start(job) as container:
        container.await_event("web-alive probed", 2)
        for _ in range(PAUSES):
            container.pause(seconds=3)
            container.await_event("web-alive probed", len(container.events("web-alive probed")) + 4)
        time.sleep(2)
        expect(len(container.events("web started")) == 1, "it was started again")
        expect(container.is_alive("web"), "it does not run")
