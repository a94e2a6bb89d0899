"""When the death of a daemon ends the container, what it wrote right before comes out."""

from conformance import lines
from conformance.job import Policy
from conformance.supervisor import Claim

WHY = "The last line before the end is the one that everybody looks for."
BITTEN = ("aws-samples/aws-do-eks#76",)
NEEDS = (Claim.TEARDOWN, Claim.OUTPUT)

LINES = 1000


def check(test):
    job = test.job(policy=Policy.TEARDOWN)
    job.daemon("web", f"{lines.writing('web', LINES)}\nexit 3")
    with test.start(job) as container:
        container.await_exit(within=30)
        lines.await_all(container.output, "web", LINES)
