"""A daemon that has died as often as allowed is not started again, and the others run on."""

import time

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A daemon that dies at every start needs a human; more starts only hide that, or do harm."
BITTEN = ("just-containers/s6-overlay#440",)
NEEDS = (Claim.SEVERAL, Claim.RESTART, Claim.GIVE_UP)

DEATHS = 3
QUIET = 5


def check(test):
    job = test.job(policy=Policy.RESTART, give_up_after=DEATHS)
    job.daemon("loops", "exit 1")
    job.daemon("other", IDLE)
    with test.start(job) as container:
        container.await_event("other started")
        other = container.live_pid("other")
        container.await_event("loops started", DEATHS)
        time.sleep(QUIET)
        starts = len(container.events("loops started"))
        expect(starts == DEATHS, f"{starts} starts, although it shall die {DEATHS} times at most")
        expect(container.running(), "the container ended")
        expect(container.pid_of("other") == other, "the other daemon does not run any more")
