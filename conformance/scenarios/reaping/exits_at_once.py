"""The exit code of a daemon that ends as soon as it has started is not lost."""

from conformance.container import expect
from conformance.job import Policy
from conformance.supervisor import Claim

WHY = "A wrong configuration ends a daemon within a millisecond, maybe before its parent knows its process id."
BITTEN = ()
NEEDS = (Claim.TEARDOWN, Claim.EXIT_CODE)

STARTS = 10


def check(test):
    for _ in range(STARTS):
        job = test.job(policy=Policy.TEARDOWN)
        job.daemon("short", "exit 3")
        with test.start(job) as container:
            code = container.await_exit()
            expect(code == 3, f"exit code {code} instead of 3")
