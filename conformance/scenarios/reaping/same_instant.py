"""Daemons that die at the same instant all come back."""

import os
import signal

from conformance import processes
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "The kernel tells of several deaths by one signal; who takes it for one death never notices the others."
BITTEN = ("openSUSE/catatonit#4",)
NEEDS = (Claim.SEVERAL, Claim.RESTART)

ROUNDS = 3


def check(test):
    job = test.job(policy=Policy.RESTART)
    names = ("a", "b", "c")
    for name in names:
        job.daemon(name, IDLE)
    with test.start(job) as container:
        for round in range(ROUNDS):
            container.await_starts(round + 1)
            # whoever supervises notices nothing before all are dead
            supervising = container.supervising()
            for pid in supervising:
                os.kill(pid, signal.SIGSTOP)
            daemons = [container.pid_of(name) for name in names]
            for pid in daemons:
                os.kill(pid, signal.SIGKILL)
            container.await_that(lambda pids=daemons: all(map(is_dead, pids)), "death of all daemons")
            for pid in supervising:
                os.kill(pid, signal.SIGCONT)
        container.await_starts(ROUNDS + 1)


def is_dead(pid):
    return processes.status(pid, "State").startswith("Z")
