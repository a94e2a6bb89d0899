"""What a daemon writes right before it exits comes out."""

from conformance import lines
from conformance.supervisor import Claim

WHY = "The last lines of a dead daemon are those that say why it died."
BITTEN = ("F1bonacc1/process-compose#237", "canonical/pebble#495")
NEEDS = (Claim.OUTPUT,)

LINES = 1000


def check(test):
    job = test.job()
    job.daemon("web", f"{lines.writing('web', LINES)}\nexit 3")
    with test.start(job) as container:
        lines.await_all(container.output, "web", LINES)
