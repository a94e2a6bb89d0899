"""A process in a session of its own that ignores TERM and holds the output open does not hold up the stop."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Whoever waits for the end of the output, not only for that of the daemon, waits without end."
BITTEN = ("canonical/pebble#149", "zeroturnaround/zt-exec#31")
NEEDS = (Claim.GRACE,)


def check(test):
    job = test.job(grace=1)
    leftover = job.program("leftover", f"trap '' TERM\nevent waits\n{IDLE}")
    job.daemon("web", f"setsid {leftover} &\n{IDLE}")
    with test.start(job) as container:
        container.await_event("leftover waits")
        container.terminate()
        container.await_exit(within=job.grace + 9)
