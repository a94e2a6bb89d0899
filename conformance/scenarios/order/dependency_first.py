"""A daemon starts when the one that it depends on is ready, and not before."""

import time

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A client that starts before its server fails, or works without what should guard it."
BITTEN = ("Supervisor/supervisor#122",)
NEEDS = (Claim.SEVERAL, Claim.READINESS, Claim.DEPENDENCIES)

NOT_READY = 2  # longer than a supervisor takes that only waits for the start


def check(test):
    job = test.job()
    ready = job.directory / "ready"
    # named so that neither the alphabet nor the order of the configuration gives the right order by chance
    job.daemon("a-client", IDLE, depends_on=("z-server",))
    job.daemon("z-server", IDLE, ready=f"[ -e {ready} ]")
    with test.start(job) as container:
        container.await_event("z-server started")
        time.sleep(NOT_READY)
        expect(not container.events("a-client"), "the client was started although the server was not ready")
        ready.touch()
        container.await_event("a-client started")
