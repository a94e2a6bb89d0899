"""A daemon that waits for the readiness of another is never started after TERM."""

from conformance.container import expect
from conformance.job import IDLE, until_term
from conformance.supervisor import Claim

WHY = "What starts in the middle of a stop gets no TERM, or holds the stop up."
BITTEN = ("canonical/pebble#502", "just-containers/s6-overlay#566")
NEEDS = (Claim.SEVERAL, Claim.DEPENDENCIES, Claim.READINESS)


def check(test):
    job = test.job(grace=5)
    stopping = job.directory / "stopping"
    # it becomes ready during the stop, and stays so for long enough that its probe says so
    job.daemon("first", until_term(f"touch {stopping}; sleep 1.5; event done; exit 0"), ready=f"test -e {stopping}")
    job.daemon("second", IDLE, depends_on=("first",))
    with test.start(job) as container:
        container.await_event("first waits")
        container.terminate()
        container.await_exit()
        expect(not container.events("second started"), "the second daemon was started after the TERM")
        expect(len(container.events("first done")) > 0, "the first daemon could not finish")
