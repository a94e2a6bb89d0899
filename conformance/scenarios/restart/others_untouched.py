"""The deaths of one daemon touch no other."""

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "One crash must interrupt only those who use the daemon that crashed."
BITTEN = ("lineofflight/frankfurter#558",)
NEEDS = (Claim.SEVERAL, Claim.RESTART)

OTHERS = ("before", "other", "zz-after")


def check(test):
    job = test.job(policy=Policy.RESTART)
    for name in ("dies", *OTHERS):
        job.daemon(name, IDLE)
    with test.start(job) as container:
        container.await_starts()
        pids = [container.live_pid(name) for name in OTHERS]
        for starts in (2, 3, 4):
            container.kill("dies")
            container.await_event("dies started", starts)
        expect([container.pid_of(name) for name in OTHERS] == pids, "another daemon does not run any more")
        expect(all(len(container.events(f"{name} started")) == 1 for name in OTHERS), "another daemon was restarted")
