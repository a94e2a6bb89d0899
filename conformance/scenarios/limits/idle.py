"""Four daemons that do nothing cost next to no processor time."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Who looks again and again whether something has happened keeps a processor awake, in each of many containers."
BITTEN = ()
NEEDS = (Claim.SEVERAL,)


def check(test):
    job = test.job()
    for name in ("a", "b", "c", "d"):
        job.daemon(name, IDLE)
    with test.start(job) as container:
        container.await_starts()
        container.await_idle(seconds=3, bound=0.3)
