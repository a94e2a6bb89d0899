"""When stdout is non-blocking, lines wait for a slow reader; none is lost."""

from conformance import lines
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "The flag is the pipe's, not the process's: whoever started the supervisor may have set it."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.LABELS)

LINES = 20_000


def check(test):
    job = test.job(labels=True)
    for name in ("a", "b"):
        job.daemon(name, f"{lines.writing(name, LINES)}\n{IDLE}")
    with test.start(job, setup="python3 -c 'import os; os.set_blocking(1, False)'") as container:
        container.output.pause()
        container.await_that(container.output.is_blocked, "full pipe")
        container.output.resume()
        for name in ("a", "b"):
            lines.await_all(container.output, name, LINES)
