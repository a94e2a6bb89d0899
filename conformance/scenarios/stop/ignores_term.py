"""A daemon that ignores TERM gets KILL after its grace, and the container ends."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "What hangs does not obey; without a limit, the engine's KILL ends the stop, and hits all daemons at work."
BITTEN = ("F1bonacc1/process-compose#214", "F1bonacc1/process-compose#258")
NEEDS = (Claim.GRACE,)


def check(test):
    job = test.job(grace=1)
    job.daemon("stubborn", f"trap '' TERM\nevent ignores\n{IDLE}")
    with test.start(job) as container:
        container.await_event("stubborn ignores")
        container.terminate()
        container.await_exit(within=job.grace + 9)
