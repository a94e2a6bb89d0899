"""A daemon whose program is no program keeps no other from running."""

import time

from conformance.container import expect
from conformance.job import IDLE, Daemon
from conformance.supervisor import Claim

WHY = "A download that broke off, or a program for another processor, is found only by the kernel."
BITTEN = ()
NEEDS = (Claim.SEVERAL,)

SECONDS = 1


def check(test):
    job = test.job()
    job.daemon("before", IDLE)
    program = job.program("broken", IDLE)
    program.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(57))
    job.daemons.append(Daemon("broken", program))
    job.daemon("after", IDLE)
    with test.start(job) as container:
        for name in ("before", "after"):
            container.await_event(f"{name} started")
        time.sleep(SECONDS)
        for name in ("before", "after"):
            expect(container.is_alive(name), f"{name} does not run any more")
