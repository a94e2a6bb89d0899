"""A daemon whose liveness probe gets no answer at all is started again."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A hung server accepts the connection and says nothing; the probe hangs, too."
BITTEN = ()
NEEDS = (Claim.RESTART, Claim.LIVENESS)


def check(test):
    job = test.job(policy=Policy.RESTART)
    hung = job.directory / "hung"
    job.daemon("web", f"rm -f {hung}\n{IDLE}", alive=f"event probed\n[ ! -e {hung} ] || sleep 86399")
    with test.start(job) as container:
        container.await_starts()
        container.await_event("web-alive probed", 2)
        hung.touch()
        container.await_starts(2, within=45)
