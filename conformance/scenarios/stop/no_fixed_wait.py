"""A stop that all daemons obey at once takes no fixed time."""

import time

from conformance.container import expect
from conformance.job import until_term
from conformance.supervisor import Claim

WHY = "A wait for nothing makes each deployment and each restart of a machine longer, container by container."
BITTEN = ("just-containers/s6-overlay#204", "just-containers/s6-overlay#534", "home-assistant/plugin-multicast#143")
NEEDS = (Claim.SEVERAL,)


def check(test):
    job = test.job(grace=8)
    for name in ("a", "b", "c", "d"):
        job.daemon(name, until_term("exit 0"))
    with test.start(job) as container:
        for daemon in job.daemons:
            container.await_event(f"{daemon.name} waits")
        container.terminate()
        began = time.monotonic()  # not before: it waits for the end of the start
        container.await_exit()
        seconds = time.monotonic() - began
        expect(seconds < 2.5, f"the stop took {seconds:.1f} s")
