"""When restarts are off, a dead daemon is not started again, and the others run on."""

import time

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Some daemons do harm when they start in the middle of the work; who turns restarts off means it."
BITTEN = ("just-containers/s6-overlay#440",)
NEEDS = (Claim.SEVERAL,)

QUIET = 2.5  # longer than any supervisor's shortest delay before a restart


def check(test):
    job = test.job()
    for name in ("dies", "other"):
        job.daemon(name, IDLE)
    with test.start(job) as container:
        container.await_starts()
        other = container.live_pid("other")
        container.kill("dies")
        container.await_that(lambda: not container.is_alive("dies"), "end of the killed daemon")
        time.sleep(QUIET)
        expect(len(container.events("dies started")) == 1, "the dead daemon was started again")
        expect(container.running(), "the container ended")
        expect(container.pid_of("other") == other, "the other daemon does not run any more")
