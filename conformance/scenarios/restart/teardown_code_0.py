"""When a death shall end the container, a daemon that ends with code 0 ends it, too."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "Without one of its daemons the container does not do its work, whatever the code was."
BITTEN = ("just-containers/s6-overlay#87",)
NEEDS = (Claim.SEVERAL, Claim.TEARDOWN)


def check(test):
    job = test.job(policy=Policy.TEARDOWN)
    job.daemon("other", f"event ready\n{IDLE}")
    job.daemon("ends", "sleep 1\nexit 0")
    with test.start(job) as container:
        container.await_starts()
        container.await_exit(within=20)
