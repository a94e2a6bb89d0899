"""The container exits with 128 + N when signal N killed the daemon whose death ended it."""

import signal

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "137 says that memory ran out and 139 that it is a bug; 0 or 1 says nothing."
BITTEN = ("Yelp/dumb-init#59",)
NEEDS = (Claim.TEARDOWN, Claim.EXIT_CODE)


def check(test):
    for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM):
        job = test.job(policy=Policy.TEARDOWN)
        job.daemon("dies", f"ulimit -c 0\nevent ready\n{IDLE}")
        with test.start(job) as container:
            container.await_event("dies ready")
            container.kill("dies", number)
            code = container.await_exit(within=20)
            expect(code == 128 + number, f"exit code {code} after {number.name}, instead of {128 + number}")
