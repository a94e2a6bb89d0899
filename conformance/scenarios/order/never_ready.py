"""A daemon that never gets ready holds up only those that depend on it, and the stop ends all at once."""

import time

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A stop that waits for the start to be complete is ended by the engine's KILL."
BITTEN = ("just-containers/s6-overlay#566", "canonical/pebble#502")
NEEDS = (Claim.SEVERAL, Claim.READINESS, Claim.DEPENDENCIES)

SECONDS = 2


def check(test):
    job = test.job()
    job.daemon("client", IDLE, depends_on=("server",))
    job.daemon("server", IDLE, ready="exit 1")
    job.daemon("other", IDLE)
    with test.start(job) as container:
        container.await_event("server started")
        container.await_event("other started")
        time.sleep(SECONDS)
        expect(not container.events("client"), "the client was started although the server was not ready")
        container.terminate()
        container.await_exit(within=job.grace + 10)
        expect(not container.events("client"), "the client was started during the stop")
