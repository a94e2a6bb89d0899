"""A daemon whose first start dies within its first second is started again."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "What a daemon needs may come a moment after it, and then a second start is all that is missing."
BITTEN = ("canonical/pebble#240",)
NEEDS = (Claim.RESTART,)


def check(test):
    job = test.job(policy=Policy.RESTART)
    tried = job.directory / "tried"
    job.daemon("web", f"[ -e {tried} ] || {{ : >{tried}; exit 1; }}\nevent stays\n{IDLE}")
    with test.start(job) as container:
        container.await_event("web stays")
