"""Started without stdin, stdout and stderr, the supervisor still starts a dead daemon again, and a stop works."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "The next file that is opened gets the number of stdout, and what was meant for the log goes there."
BITTEN = ("Supervisor/supervisor#849",)
NEEDS = (Claim.SEVERAL, Claim.RESTART)


def check(test):
    job = test.job(policy=Policy.RESTART)
    job.daemon("noisy", "while :; do echo a line 2>/dev/null; sleep 0.1; done")
    job.daemon("web", IDLE)
    with test.start(job, setup="exec <&- >&- 2>&-") as container:
        container.await_starts()
        for starts in (2, 3):
            container.kill("web")
            container.await_event("web started", starts)
        container.terminate()
        container.await_exit(within=job.grace + 15)
