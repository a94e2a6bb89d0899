"""A daemon whose program is missing at first is started when it is there."""

import time

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A volume that is mounted late, or a download, brings the program a moment after the start."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.RESTART)

MISSING = 2


def check(test):
    job = test.job(policy=Policy.RESTART)
    job.daemon("other", IDLE)
    program = job.daemon("web", IDLE).program
    away = program.rename(program.with_suffix(".away"))
    with test.start(job) as container:
        container.await_event("other started")
        time.sleep(MISSING)
        away.rename(program)
        container.await_event("web started", within=60)
