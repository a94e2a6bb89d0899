"""A daemon that ends with code 1 is started again."""

from conformance.job import Policy
from conformance.supervisor import Claim

WHY = "A daemon that gives up by itself, such as one that lost its database, is as absent as a crashed one."
BITTEN = ()
NEEDS = (Claim.RESTART,)


def check(test):
    job = test.job(policy=Policy.RESTART)
    gate = job.directory / "gate"
    job.daemon("web", f"[ -p {gate} ] || mkfifo {gate}\nevent waiting\nread line <{gate}\nexit 1")
    with test.start(job) as container:
        container.await_event("web waiting")
        gate.write_text("\n")
        container.await_event("web waiting", 2)
