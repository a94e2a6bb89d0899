"""When a death shall end the container, the other daemons get TERM and their time, and it ends."""

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "What belongs together ends together, and what still runs wants to finish its work first."
BITTEN = ("just-containers/s6-overlay#87", "Supervisor/supervisor#712")
NEEDS = (Claim.SEVERAL, Claim.TEARDOWN)


def check(test):
    job = test.job(policy=Policy.TEARDOWN, grace=10)
    job.daemon("dies", IDLE)
    # the shell executes the trap only after its child; `wait` returns at once
    job.daemon("other", "trap 'event term; sleep 1; event finished; exit 0' TERM\nevent ready\nsleep 86399 &\nwait")
    with test.start(job) as container:
        container.await_starts()
        container.await_event("other ready")
        container.kill("dies")
        container.await_exit(within=25)
        expect(bool(container.events("other term")), "the other daemon got no TERM")
        expect(bool(container.events("other finished")), "the other daemon had no time to finish")
