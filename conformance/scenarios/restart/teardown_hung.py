"""When a death shall end the container, another daemon that ignores TERM does not keep it running."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "Otherwise the container half works on, and no engine restarts it."
BITTEN = ("F1bonacc1/process-compose#258",)
NEEDS = (Claim.SEVERAL, Claim.TEARDOWN, Claim.GRACE)


def check(test):
    job = test.job(policy=Policy.TEARDOWN, grace=1)
    job.daemon("dies", IDLE)
    job.daemon("stubborn", f"trap '' TERM\nevent ready\n{IDLE}")
    with test.start(job) as container:
        container.await_starts()
        container.await_event("stubborn ready")
        container.kill("dies")
        container.await_exit(within=job.grace + 10)
