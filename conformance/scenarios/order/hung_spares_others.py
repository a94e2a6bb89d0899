"""The restart of a daemon that hangs touches no other."""

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "Each probe judges one daemon."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.RESTART, Claim.LIVENESS)


def check(test):
    job = test.job(policy=Policy.RESTART)
    hung = job.directory / "hung"
    job.daemon("web", f"rm -f {hung}\n{IDLE}", alive=f"event probed\n[ ! -e {hung} ]")
    job.daemon("other", IDLE, alive="exit 0")
    with test.start(job) as container:
        container.await_starts()
        container.await_event("web-alive probed", 2)
        hung.touch()
        container.await_event("web started", 2, within=30)
        expect(
            len(container.events("other started")) == 1 and container.is_alive("other"), "the other one was hit, too"
        )
