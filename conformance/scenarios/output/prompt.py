"""A line comes out while its daemon runs on and writes nothing more."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A line that waits in a buffer for more comes too late for who waits for it."
BITTEN = ("F1bonacc1/process-compose#361",)
NEEDS = (Claim.OUTPUT,)


def check(test):
    job = test.job(labels=Claim.LABELS in test.supervisor.claims)
    job.daemon("web", f"echo only line\n{IDLE}")
    with test.start(job) as container:
        container.await_starts()
        container.await_line("only line", within=5)
