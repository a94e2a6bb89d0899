"""Daemons that each need a second to finish all finish, at the same time."""

import time

from conformance.container import expect
from conformance.job import until_term
from conformance.supervisor import Claim

WHY = "The engine's limit is for the whole stop; when daemons stop one by one, it kills the last at work."
BITTEN = ()
NEEDS = (Claim.SEVERAL,)

DAEMONS = 8


def check(test):
    job = test.job(grace=10)
    for number in range(DAEMONS):
        job.daemon(f"web{number}", until_term("sleep 1; event done; exit 0"))
    with test.start(job) as container:
        for daemon in job.daemons:
            container.await_event(f"{daemon.name} waits")
        began = time.monotonic()
        container.terminate()
        container.await_exit()
        seconds = time.monotonic() - began
        finished = [daemon for daemon in job.daemons if container.events(f"{daemon.name} done")]
        expect(len(finished) == DAEMONS, f"{len(finished)} of {DAEMONS} daemons finished")
        expect(seconds < DAEMONS - 2, f"the stop took {seconds:.1f} s")
