"""Readiness probes that hang are killed with what they have started."""

from conformance.job import IDLE
from conformance.scenarios.order import await_end_of_leftovers, await_probes
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
        await_probes(container, PROBES, SECONDS)
        await_end_of_leftovers(container, LEFT)
