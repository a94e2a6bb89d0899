"""When the working directory has been deleted, a dead daemon is still started again."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "Who works in the container may clean up more than is theirs."
BITTEN = ()
NEEDS = (Claim.RESTART,)


def check(test):
    job = test.job(policy=Policy.RESTART)
    job.daemon("web", IDLE)
    gone = job.directory / "gone"
    gone.mkdir()
    with test.start(job, setup=f"cd {gone}") as container:
        container.await_starts()
        gone.rmdir()
        container.kill("web")
        container.await_starts(2)
        container.terminate()
        container.await_exit(within=job.grace + 15)
