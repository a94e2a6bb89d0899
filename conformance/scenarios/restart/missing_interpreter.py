"""A daemon whose interpreter is missing keeps no other from running."""

import time

from conformance.container import expect
from conformance.job import IDLE, Daemon
from conformance.supervisor import Claim

WHY = "The error is the same as for a missing program although the file is there, and comes only with the start."
BITTEN = ()
NEEDS = (Claim.SEVERAL,)

SECONDS = 1


def check(test):
    job = test.job()
    job.daemon("before", IDLE)
    program = job.program("broken", IDLE)
    program.write_text("#!/missing/interpreter\n")
    job.daemons.append(Daemon("broken", program))
    job.daemon("after", IDLE)
    with test.start(job) as container:
        for name in ("before", "after"):
            container.await_event(f"{name} started")
        time.sleep(SECONDS)
        for name in ("before", "after"):
            expect(container.is_alive(name), f"{name} does not run any more")
