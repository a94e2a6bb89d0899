"""50 daemons that are killed at once are all started again."""

import os
import signal

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "Deaths that come together arrive as one SIGCHLD; who takes it for one death forgets the others."
BITTEN = ("openSUSE/catatonit#4",)
NEEDS = (Claim.SEVERAL, Claim.RESTART)

DAEMONS = 50


def check(test):
    job = test.job(policy=Policy.RESTART)
    for number in range(DAEMONS):
        job.daemon(f"d{number}", IDLE)
    with test.start(job) as container:
        container.await_starts(within=60)
        pids = [container.live_pid(daemon.name) for daemon in job.daemons]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        container.await_starts(2, within=60)
