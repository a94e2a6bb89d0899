"""While nobody reads the output, a dead daemon is started again; who reads later gets all that was written."""

from conformance import lines
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A reader that pauses, as an engine that is updated, must stop neither the supervision nor cost a line."
BITTEN = ("Supervisor/supervisor#691", "moby/moby#48890", "F1bonacc1/process-compose#57")
NEEDS = (Claim.SEVERAL, Claim.RESTART, Claim.OUTPUT)

LINES = 50_000


def check(test):
    job = test.job(policy=Policy.RESTART)
    job.daemon("noisy", f"{lines.writing('noisy', LINES)}\n{IDLE}")
    job.daemon("web", IDLE)
    with test.start(job) as container:
        container.output.pause()
        container.await_starts()
        container.await_that(container.output.is_blocked, "full pipe")
        container.kill("web")
        container.await_event("web started", 2)
        container.output.resume()
        lines.await_all(container.output, "noisy", LINES)
