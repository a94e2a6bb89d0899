"""300 daemons start, one that dies is started again, and a stop ends all of them."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "What is fixed or quadratic in a supervisor shows with many daemons."
BITTEN = ("Supervisor/supervisor#489",)
NEEDS = (Claim.SEVERAL, Claim.RESTART)
ALONE = True

DAEMONS = 300


def check(test):
    job = test.job(policy=Policy.RESTART, grace=10)
    for number in range(DAEMONS):
        job.daemon(f"d{number}", IDLE)
    with test.start(job) as container:
        container.await_that(lambda: len(container.events()) >= DAEMONS, f"{DAEMONS} starts", within=90)
        container.kill("d299")
        container.await_event("d299 started", 2)
        container.terminate()
        container.await_exit(within=60)
