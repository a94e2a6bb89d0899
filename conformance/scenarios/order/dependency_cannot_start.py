"""A daemon whose dependency can't be started is not started, the others are, and the stop ends all at once."""

import time

from conformance.container import expect
from conformance.job import IDLE, Daemon
from conformance.supervisor import Claim

WHY = "What must not run without its guard must not run when the guard's program is missing."
BITTEN = ("davmac314/dinit#249",)
NEEDS = (Claim.SEVERAL, Claim.READINESS, Claim.DEPENDENCIES)

SECONDS = 2


def check(test):
    job = test.job()
    job.daemon("client", IDLE, depends_on=("server",))
    job.daemons.append(Daemon("server", job.directory / "missing", ready=job.program("server-ready", "exit 0")))
    job.daemon("other", IDLE)
    with test.start(job) as container:
        container.await_event("other started")
        time.sleep(SECONDS)
        expect(not container.events("client"), "the client was started although the server could not be")
        expect(container.is_alive("other"), "the other daemon does not run any more")
        container.terminate()
        container.await_exit(within=job.grace + 10)
