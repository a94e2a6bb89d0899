"""A daemon that closes its stdout and stderr costs no processor time."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = (
    "A pipe at its end is always readable: who asks again and again whether there is something uses a whole processor."
)
BITTEN = ("Supervisor/supervisor#807",)
NEEDS = (Claim.OUTPUT,)


def check(test):
    job = test.job(labels=Claim.LABELS in test.supervisor.claims)
    job.daemon("web", f"exec >&- 2>&-\nevent closed\n{IDLE}")
    with test.start(job) as container:
        container.await_event("web closed")
        container.await_idle(seconds=2, bound=0.5)
