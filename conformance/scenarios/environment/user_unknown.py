"""A daemon whose user does not exist does not run, least of all as root."""

import time

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A typing error in a name must not give a daemon all rights."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.USER)

SECONDS = 2


def check(test):
    job = test.job()
    job.daemon("other", IDLE)
    job.daemon("web", IDLE, user="no-such-user")
    with test.start(job) as container:
        # whether the other daemon runs, or nothing at all, is the supervisor's choice
        time.sleep(SECONDS)
        expect(not container.events("web started"), "the daemon was started")
