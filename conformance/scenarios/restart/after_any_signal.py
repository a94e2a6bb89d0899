"""A daemon is started again whatever signal ended it."""

import signal

from conformance.job import IDLE, Policy, ignoring
from conformance.supervisor import Claim

WHY = "A crash ends a process by a signal, and so does the kernel when memory runs out; TERM from others is no stop."
BITTEN = ("FedericoPonzi/Horust#121",)
NEEDS = (Claim.RESTART,)

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGABRT, signal.SIGSEGV)


def check(test):
    job = test.job(policy=Policy.RESTART)
    # what the daemon inherits is another matter: it sets its own signals right
    job.daemon("web", ignoring((), job.program("program", f"ulimit -c 0\nevent ready\n{IDLE}")))
    with test.start(job) as container:
        container.await_event("program ready")
        for starts, number in enumerate(SIGNALS, 2):
            container.kill("web", number)
            container.await_that(
                lambda count=starts: len(container.events("program ready")) >= count, f"start after {number.name}"
            )
