"""A daemon that is stopped (SIGSTOP) and goes on later has not died."""

import signal
import time

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "Debuggers and backups stop a process for a moment; its parent gets the same signal as for a death."
BITTEN = ()
NEEDS = (Claim.TEARDOWN,)


def check(test):
    job = test.job(policy=Policy.TEARDOWN)
    job.daemon("web", IDLE)
    with test.start(job) as container:
        container.await_starts()
        container.kill("web", signal.SIGSTOP)
        time.sleep(0.5)
        expect(container.running(), "the container ended when a daemon was stopped")
        container.kill("web", signal.SIGCONT)
        time.sleep(0.5)
        expect(container.running() and container.is_alive("web"), "the container ended when a daemon went on")
        expect(len(container.events("web started")) == 1, "a daemon that was stopped was started again")
