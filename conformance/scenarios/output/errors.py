"""What a daemon writes to stderr comes out, too, in order with what it writes to stdout."""

from conformance import lines
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "An error makes sense only at its place among the other lines."
BITTEN = ()
NEEDS = (Claim.OUTPUT,)

LINES = 2000


def check(test):
    job = test.job()
    job.daemon("web", f"{lines.writing('web', LINES).replace('.;', '. >&$((i % 2 + 1));')}\n{IDLE}")
    with test.start(job) as container:
        lines.await_all(container.output, "web", LINES)
