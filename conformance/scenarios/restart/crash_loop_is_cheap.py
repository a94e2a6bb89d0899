"""A daemon that dies at once again and again costs little processor time."""

import time

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "One daemon that can't start must not take the processor from those that do their work."
BITTEN = ("just-containers/s6-overlay#440", "kubernetes/kubernetes#57291")
NEEDS = (Claim.SEVERAL, Claim.RESTART)
ALONE = True

SECONDS = 5
STARTS = 30
PROCESSOR_SECONDS = 1.5


def check(test):
    job = test.job(policy=Policy.RESTART, backoff=True)
    job.daemon("loops", "exit 1")
    job.daemon("other", IDLE)
    with test.start(job) as container:
        container.await_starts()
        container.await_event("loops started", 2)
        starts, used = len(container.events("loops started")), processor_seconds(container)
        time.sleep(SECONDS)
        starts = len(container.events("loops started")) - starts
        used = processor_seconds(container) - used
        expect(starts <= STARTS, f"{starts} starts in {SECONDS} s")
        expect(used <= PROCESSOR_SECONDS, f"{used:.1f} processor seconds in {SECONDS} s")


def processor_seconds(container) -> float:
    return sum(processes.processor_seconds(pid) for pid in container.supervising())
