"""A daemon that closes its stdout and stderr is not taken for dead, and is started again when it dies."""

import time

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "Programs that write to a file of their own close them; the end of the output is not that of the daemon."
BITTEN = ("Supervisor/supervisor#849",)
NEEDS = (Claim.RESTART, Claim.OUTPUT)


def check(test):
    job = test.job(policy=Policy.RESTART)
    job.daemon("web", f"exec >&- 2>&-\nevent closed\n{IDLE}")
    with test.start(job) as container:
        container.await_event("web closed")
        time.sleep(1)
        expect(len(container.events("web started")) == 1 and container.is_alive("web"), "it was started again")
        container.kill("web")
        container.await_starts(2)
