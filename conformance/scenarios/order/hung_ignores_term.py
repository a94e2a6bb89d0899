"""A daemon that hangs and ignores TERM gets KILL and is started again."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "What hangs does not obey; the TERM that should end it is only the first try."
BITTEN = ("F1bonacc1/process-compose#258",)
NEEDS = (Claim.RESTART, Claim.LIVENESS, Claim.GRACE)


def check(test):
    job = test.job(policy=Policy.RESTART, grace=1)
    hung = job.directory / "hung"
    job.daemon("web", f"trap '' TERM\nrm -f {hung}\n{IDLE}", alive=f"event probed\n[ ! -e {hung} ]")
    with test.start(job) as container:
        container.await_starts()
        container.await_event("web-alive probed", 2)
        hung.touch()
        container.await_starts(2, within=30)
