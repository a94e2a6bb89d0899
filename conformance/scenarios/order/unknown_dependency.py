"""A dependency on a daemon that does not exist is refused: the container ends, with a code that is not 0."""

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A typing error in a name must neither lift the condition nor keep the daemon from starting for ever."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.DEPENDENCIES)


def check(test):
    job = test.job()
    job.daemon("client", IDLE, depends_on=("no-such-daemon",))
    job.daemon("server", IDLE, ready="exit 0")
    with test.start(job) as container:
        code = container.await_exit()
        expect(code != 0, "exit code 0")
        expect(not container.events("client"), "the client was started")
