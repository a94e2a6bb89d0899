"""What readiness probes leave behind does not pile up."""

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A probe runs some hundred thousand times a month; one process left by each uses up what the machine allows."
BITTEN = ("moby/moby#47583", "paketo-buildpacks/health-checker#136")
NEEDS = (Claim.READINESS, Claim.GROUPS)

PROBES, LEFT = 12, 4


def check(test):
    job = test.job()
    # the probe fails, so that it goes on also where the first success is the end; a number that nothing else uses
    job.daemon("web", IDLE, ready="event probed\nsleep 86398 &\nexit 1")
    with test.start(job) as container:
        container.await_starts()
        container.await_event("web-ready probed", PROBES, within=30)

        def left() -> int:
            return sum(process.arguments == ("sleep", "86398") for process in container.processes())

        container.await_that(lambda: left() <= LEFT, f"end of most of the {left()} processes that {PROBES} probes left")
        expect(container.zombies() <= LEFT, f"{container.zombies()} zombies")
