"""Each daemon has a process group of its own."""

import os

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A program that signals its own group, as shells and servers do, would hit the other daemons and the supervisor."
BITTEN = ()
NEEDS = (Claim.SEVERAL,)


def check(test):
    job = test.job()
    for name in ("first", "second"):
        job.daemon(name, IDLE)
    with test.start(job) as container:
        container.await_starts()
        first, second, own = (
            os.getpgid(pid) for pid in (container.live_pid("first"), container.live_pid("second"), container.pid)
        )
        expect(first != second, "both daemons are in the same group")
        expect(own not in (first, second), "a daemon is in the supervisor's group")
