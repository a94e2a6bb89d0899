"""A daemon that dies again and again is never running twice."""

import time

from conformance.container import expect
from conformance.job import Policy
from conformance.supervisor import Claim

WHY = "Two of the same daemon write the same files and take each other's port; a duplicate that nobody tracks stays."
BITTEN = ("F1bonacc1/process-compose#530",)
NEEDS = (Claim.RESTART,)

STARTS = 200
SECONDS = 20  # a supervisor with a shortest delay of 1 s gets to 20 starts


def check(test):
    job = test.job(policy=Policy.RESTART)
    lock = job.directory / "lock"
    job.daemon("web", f"exec 9>{lock}\nflock -n 9 || event twice\nsleep 0.01\nexit 1")
    with test.start(job) as container:
        container.await_event("web started", 5, within=30)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and len(container.events("web started")) < STARTS:
            time.sleep(0.1)
        twice = len(container.events("web twice"))
        expect(not twice, f"{twice} starts of {len(container.events('web started'))} while the one before was running")
