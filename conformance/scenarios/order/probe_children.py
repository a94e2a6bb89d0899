"""What readiness probes leave behind does not pile up."""

import time

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A probe runs some hundred thousand times a month; one process left by each uses up what the machine allows."
BITTEN = ("moby/moby#47583", "paketo-buildpacks/health-checker#136")
NEEDS = (Claim.READINESS, Claim.GROUPS)

PROBES, SECONDS, LEFT = 12, 15, 4


def check(test):
    job = test.job()
    job.daemon("web", IDLE, ready="event probed\nsleep 86398 &\nexit 0")
    with test.start(job) as container:
        container.await_starts()
        container.await_event("web-ready probed")
        # some probe once a second, some only until the first success
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and len(container.events("web-ready probed")) < PROBES:
            time.sleep(0.05)

        def left() -> int:
            return sum(process.arguments == ("sleep", "86398") for process in container.processes())

        container.await_that(lambda: left() <= LEFT, f"end of most of the {left()} processes that probes left")
        expect(container.zombies() <= LEFT, f"{container.zombies()} zombies")
