"""A daemon has the nice value that PID 1 was started with."""

import os

from conformance.container import expect
from conformance.job import IDLE

WHY = "A container that shall give way to others must do so with all of its processes."
BITTEN = ()
NEEDS = ()


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    with test.start(job, setup='set -- nice -n 5 "$@"') as container:
        container.await_starts()
        nice = os.getpriority(os.PRIO_PROCESS, container.live_pid("web"))
        expect(nice == 5, f"nice value {nice}")
