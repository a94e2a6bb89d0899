"""A daemon that ends with code 0 is started again."""

from conformance.job import Policy
from conformance.supervisor import Claim

WHY = "A daemon has no reason to end; what it does is missing after a clean exit just as after a crash."
BITTEN = ("canonical/pebble#240",)
NEEDS = (Claim.RESTART,)


def check(test):
    job = test.job(policy=Policy.RESTART)
    gate = job.directory / "gate"
    job.daemon("web", f"[ -p {gate} ] || mkfifo {gate}\nevent waiting\nread line <{gate}\nexit 0")
    with test.start(job) as container:
        container.await_event("web waiting")
        gate.write_text("\n")
        container.await_event("web waiting", 2)
