"""Readiness probes that hang are killed with what they have started."""

import time

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "The shell of a probe that took too long is easily killed; the program that it waits for stays, each time."
BITTEN = ("kubernetes/kubernetes#110070", "containerd/containerd#4594")
NEEDS = (Claim.READINESS, Claim.GROUPS)

PROBES, SECONDS, LEFT = 5, 20, 2


def check(test):
    job = test.job()
    job.daemon("web", IDLE, ready="event probed\nsleep 86398\nexit 1")
    with test.start(job) as container:
        container.await_starts()
        container.await_event("web-ready probed")
        # some end probing when too many have failed
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and len(container.events("web-ready probed")) < PROBES:
            time.sleep(0.05)

        def left() -> int:
            return sum(process.arguments == ("sleep", "86398") for process in container.processes())

        container.await_that(lambda: left() <= LEFT, f"end of most of the {left()} processes that probes left")
