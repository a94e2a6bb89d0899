"""50 daemons with a probe each are all ready."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Probes that wait for each other's end come too late to say anything."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.READINESS)

DAEMONS = 50


def check(test):
    job = test.job()
    for number in range(DAEMONS):
        job.daemon(f"d{number}", IDLE, ready="exit 0")
    with test.start(job) as container:
        container.await_starts(within=60)
        for daemon in job.daemons:
            container.await_that(lambda name=daemon.name: container.is_ready(name), f"readiness of {daemon.name}", 60)
