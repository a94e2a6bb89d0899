"""A daemon that a signal killed is started again."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A crash ends a process by a signal, and so does the kernel when memory runs out."
BITTEN = ("FedericoPonzi/Horust#121",)
NEEDS = (Claim.RESTART,)


def check(test):
    job = test.job(policy=Policy.RESTART)
    job.daemon("web", IDLE)
    with test.start(job) as container:
        container.await_starts()
        container.kill("web")
        container.await_starts(2)
