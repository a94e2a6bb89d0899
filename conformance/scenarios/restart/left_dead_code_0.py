"""When restarts are off, a daemon that ends with code 0 is not started again, and the others run on."""

import time

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A program that prepares something and ends must neither run twice nor take the others with it."
BITTEN = ()
NEEDS = (Claim.SEVERAL,)

QUIET = 2.5  # longer than any supervisor's shortest delay before a restart


def check(test):
    job = test.job()
    job.daemon("ends", "exit 0")
    job.daemon("other", IDLE)
    with test.start(job) as container:
        container.await_starts()
        other = container.live_pid("other")
        time.sleep(QUIET)
        expect(len(container.events("ends started")) == 1, "the daemon that had ended was started again")
        expect(container.running(), "the container ended")
        expect(container.pid_of("other") == other, "the other daemon does not run any more")
