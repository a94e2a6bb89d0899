"""When a death shall end the container, a program that is missing ends it, with a code that is not 0."""

from conformance.container import expect
from conformance.job import IDLE, Daemon, Policy
from conformance.supervisor import Claim

WHY = "A daemon that could not start is as absent as one that died."
BITTEN = ("just-containers/s6-overlay#183", "Supervisor/supervisor#775")
NEEDS = (Claim.SEVERAL, Claim.TEARDOWN, Claim.EXIT_CODE)


def check(test):
    job = test.job(policy=Policy.TEARDOWN)
    job.daemon("other", IDLE)
    job.daemons.append(Daemon("broken", job.directory / "missing"))
    with test.start(job) as container:
        code = container.await_exit(within=20)
        expect(code != 0, "exit code 0")
