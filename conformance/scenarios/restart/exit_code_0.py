"""The container exits with 0 when a daemon's end with code 0 ended it."""

from conformance.container import expect
from conformance.job import Policy
from conformance.supervisor import Claim

WHY = "A program that did all its work is no failure, and must not be started again for one."
BITTEN = ("just-containers/s6-overlay#387",)
NEEDS = (Claim.TEARDOWN, Claim.EXIT_CODE)


def check(test):
    job = test.job(policy=Policy.TEARDOWN)
    job.daemon("ends", "exit 0")
    with test.start(job) as container:
        code = container.await_exit(within=20)
        expect(code == 0, f"exit code {code}")
