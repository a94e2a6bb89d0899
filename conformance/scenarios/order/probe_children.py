"""What readiness probes leave behind does not pile up."""

from conformance.container import expect
from conformance.job import IDLE
from conformance.scenarios.order import await_end_of_leftovers, await_probes
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
        await_probes(container, PROBES, SECONDS)
        await_end_of_leftovers(container, LEFT)
        expect(container.zombies() <= LEFT, f"{container.zombies()} zombies")
