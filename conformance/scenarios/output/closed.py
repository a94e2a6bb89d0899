"""When the reader of the output has gone, a dead daemon is still started again, and a stop works."""

import os

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A log driver that crashes must not end what it was to observe."
BITTEN = ("containerd/containerd#12462",)
NEEDS = (Claim.RESTART,)


def check(test):
    job = test.job(policy=Policy.RESTART)
    job.daemon("web", IDLE)
    reading, writing = os.pipe()
    with test.start(job, stdout=writing) as container:
        os.close(writing)
        container.await_starts()
        os.close(reading)
        for starts in (2, 3, 4):
            container.kill("web")
            container.await_starts(starts)
        container.terminate()
        container.await_exit(within=job.grace + 10)
