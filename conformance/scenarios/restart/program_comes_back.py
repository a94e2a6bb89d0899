"""A daemon whose program vanishes and comes back is started again."""

import time

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "An update replaces programs, and a volume may be away for a moment; a failed start is not the end."
BITTEN = ()
NEEDS = (Claim.RESTART,)

AWAY = 3  # long enough for some starts that fail


def check(test):
    job = test.job(policy=Policy.RESTART)
    program = job.daemon("web", IDLE).program
    with test.start(job) as container:
        container.await_starts()
        away = program.rename(program.with_suffix(".away"))
        container.kill("web")
        time.sleep(AWAY)
        away.rename(program)
        container.await_starts(2, within=60)
