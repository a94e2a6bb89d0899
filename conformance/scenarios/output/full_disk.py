"""When the output can't be written, the daemons live on, a dead one is started again, and a stop works."""

import os

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A full disk below the log must not end what the log is about."
BITTEN = ("Supervisor/supervisor#807",)
NEEDS = (Claim.SEVERAL, Claim.RESTART)


def check(test):
    job = test.job(policy=Policy.RESTART)
    job.daemon("noisy", "while :; do echo a line 2>/dev/null; event wrote; sleep 0.1; done")
    job.daemon("web", IDLE)
    # each `write` fails with ENOSPC
    full = os.open("/dev/full", os.O_WRONLY)
    with test.start(job, stdout=full) as container:
        os.close(full)
        container.await_starts()
        for starts in (2, 3):
            container.kill("web")
            container.await_event("web started", starts)
        container.await_event("noisy wrote", 20)
        expect(len(container.events("noisy started")) == 1, "the daemon that writes died")
        container.terminate()
        container.await_exit(within=job.grace + 10)
