"""A TERM while the delay before a restart runs ends the container at once, and nothing is started any more."""

import time

from conformance.container import expect
from conformance.job import Policy
from conformance.supervisor import Claim

WHY = "A timer that nobody cancels starts a daemon in the middle of the stop, or holds the stop up until it fires."
BITTEN = ()
NEEDS = (Claim.RESTART, Claim.BACKOFF)

DEATHS = 3


def check(test):
    job = test.job(policy=Policy.RESTART, backoff=True)
    job.daemon("web", "event at $(date +%s%N)\nexit 1")
    with test.start(job) as container:
        container.await_event("web at", DEATHS, within=60)
        container.await_that(lambda: not container.is_alive("web"), "death of the daemon")
        time.sleep(0.1)  # until it is noticed
        began = time.time_ns()
        container.terminate()
        container.await_exit()
        # one that was under way may still appear; the delay is longer after so many deaths
        late = [event for event in container.events("web at") if int(event.split()[-1]) > began + 1_000_000_000]
        expect(not late, "the daemon was started after the TERM")
