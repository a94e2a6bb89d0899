"""Daemons that depend on each other in a circle are refused: the container ends, with a code that is not 0."""

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "The alternative is a container that waits for ever and says nothing."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.DEPENDENCIES)


def check(test):
    job = test.job()
    job.daemon("a", IDLE, depends_on=("b",), ready="exit 0")
    job.daemon("b", IDLE, depends_on=("c",), ready="exit 0")
    job.daemon("c", IDLE, depends_on=("a",), ready="exit 0")
    with test.start(job) as container:
        code = container.await_exit()
        expect(code != 0, "exit code 0")
        expect(not container.events(), "a daemon was started")
