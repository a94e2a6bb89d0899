"""With 64 descriptors, four daemons start, a dead one is started again, and a stop works."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A hardened host sets low limits, and a supervisor that needs descriptors for each daemon finds its end there."
BITTEN = ("Supervisor/supervisor#489", "Supervisor/supervisor#184")
NEEDS = (Claim.SEVERAL, Claim.RESTART)


def check(test):
    job = test.job(policy=Policy.RESTART)
    for name in ("a", "b", "c", "d"):
        job.daemon(name, IDLE)
    with test.start(job, setup="ulimit -n 64") as container:
        container.await_starts()
        for starts in (2, 3, 4):
            container.kill("d")
            container.await_event("d started", starts)
        container.terminate()
        container.await_exit(within=job.grace + 15)
