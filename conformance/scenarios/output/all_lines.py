"""100,000 lines of two daemons all come out, each once and in its daemon's order."""

from conformance import lines
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A log with gaps proves nothing: what is not in it may have happened."
BITTEN = ("F1bonacc1/process-compose#57",)
NEEDS = (Claim.SEVERAL, Claim.OUTPUT)

LINES = 50_000


def check(test):
    job = test.job()
    for name in ("a", "b"):
        job.daemon(name, f"{lines.writing(name, LINES)}\n{IDLE}")
    with test.start(job) as container:
        for name in ("a", "b"):
            lines.await_all(container.output, name, LINES)
