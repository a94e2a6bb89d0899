"""Processes that a command of the engine (`exec`) left behind are reaped, and their end is no daemon's death."""

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "An engine runs a health check every few seconds; when it kills one, what the check has started stays."
BITTEN = ("lineofflight/frankfurter#558", "moby/moby#47583")
NEEDS = (Claim.TEARDOWN,)

COMMANDS = 20


def check(test):
    job = test.job(policy=Policy.TEARDOWN)
    job.daemon("web", IDLE)
    with test.start(job) as container:
        container.await_starts()
        for _ in range(COMMANDS):
            leftover = f"sleep 0.2; echo leftover ends >>{job.events}; exit 3"
            result = container.execute("sh", "-c", f"({leftover}) >/dev/null 2>&1 & exit 5")
            expect(result.returncode == 5, f"the command in the container ended with {result.returncode} instead of 5")
        container.await_event("leftover ends", COMMANDS)
        container.await_that(lambda: container.zombies() == 0, "end of all zombies")
        expect(container.running() and container.is_alive("web"), "the end of a foreign process ended the container")
        expect(len(container.events("web started")) == 1, "the end of a foreign process restarted the daemon")
