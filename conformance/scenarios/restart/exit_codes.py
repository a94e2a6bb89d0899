"""The container exits with the code of the daemon whose death ended it."""

from conformance.container import expect
from conformance.job import Policy
from conformance.supervisor import Claim

WHY = "The engine's restart policy and who reads the status know the cause by this number alone."
BITTEN = ("openSUSE/catatonit#5", "Supervisor/supervisor#775", "just-containers/s6-overlay#183")
NEEDS = (Claim.TEARDOWN, Claim.EXIT_CODE)

# among them those that shells, engines and supervisors use for something else
CODES = (1, 3, 7, 126, 127, 128, 143, 255)


def check(test):
    for code in CODES:
        job = test.job(policy=Policy.TEARDOWN)
        job.daemon("dies", f"exit {code}")
        with test.start(job) as container:
            actual = container.await_exit(within=20)
            expect(actual == code, f"exit code {actual} instead of {code}")
