"""A process of a dead daemon that keeps its stdout open does not delay the restart."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "Who waits for the end of the output instead of that of the daemon waits for ever."
BITTEN = ("canonical/pebble#149", "zeroturnaround/zt-exec#31", "golang/go#23019")
NEEDS = (Claim.RESTART, Claim.OUTPUT)


def check(test):
    job = test.job(policy=Policy.RESTART)
    job.daemon("web", f"setsid sleep 86398 &\n{IDLE}")
    with test.start(job) as container:
        container.await_starts()
        container.kill("web")
        container.await_starts(2, within=10)
