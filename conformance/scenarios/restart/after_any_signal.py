"""A daemon is started again whatever signal ended it."""

import signal

from conformance.job import IDLE, Policy, ignoring
from conformance.supervisor import Claim

WHY = "Some signals count as a wish to end; but who sent it was not the supervisor, and the daemon is missing."
BITTEN = ("FedericoPonzi/Horust#121",)
NEEDS = (Claim.RESTART,)

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGABRT, signal.SIGSEGV)


def check(test):
    job = test.job(policy=Policy.RESTART)
    # what the daemon inherits is another matter: it sets its own signals right
    program = job.program("program", f"ulimit -c 0\nevent ready\n{IDLE}")
    job.daemon("web", ignoring((), program))
    with test.start(job) as container:
        for starts, number in enumerate(SIGNALS, 1):
            container.await_event("program ready", starts)
            container.kill("web", number)
        container.await_event("program ready", len(SIGNALS) + 1)
