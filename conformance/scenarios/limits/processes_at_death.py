"""A daemon that dies while no process can be started is started again when one can."""

import time

from conformance import scarcity
from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A start that fails is no reason to forget the daemon."
BITTEN = ("gastownhall/gascity#4308",)
NEEDS = (Claim.SEVERAL, Claim.RESTART)


def check(test):
    scarcity.can_limit_processes()
    job = test.job(policy=Policy.RESTART)
    job.daemon("web", IDLE)
    job.daemon("hog", f"{scarcity.hog(job)}\n{IDLE}")
    with test.start(job, setup=scarcity.FEW_PROCESSES) as container:
        container.await_event("hog full", within=60)
        container.kill("web")
        time.sleep(3)  # the hog takes each process that becomes free
        scarcity.release(job)
        container.await_event("hog released", within=60)
        container.await_that(lambda: container.is_alive("web"), "second start of web", within=90)
        time.sleep(1)
        expect(container.is_alive("web"), "web was started again and died")
