"""A daemon that hangs because it is stopped by a signal is started again."""

import signal

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A stopped process takes no TERM until it goes on."
BITTEN = ()
NEEDS = (Claim.RESTART, Claim.LIVENESS, Claim.GRACE)


def check(test):
    job = test.job(policy=Policy.RESTART, grace=1)
    hung = job.directory / "hung"
    job.daemon("web", f"rm -f {hung}\n{IDLE}", alive=f"event probed\n[ ! -e {hung} ]")
    with test.start(job) as container:
        container.await_starts()
        container.await_event("web-alive probed", 2)
        container.kill("web", signal.SIGSTOP)
        hung.touch()
        container.await_starts(2, within=30)
