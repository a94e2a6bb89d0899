"""KILL hits only the daemon that does not obey; another that needs most of the grace finishes."""

from conformance.container import expect
from conformance.job import IDLE, until_term
from conformance.supervisor import Claim

WHY = "One daemon that hangs must not cost the others the time that they were promised."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.GRACE)


def check(test):
    job = test.job(grace=6)
    job.daemon("stubborn", f"trap '' TERM\nevent waits\n{IDLE}")
    job.daemon("slow", until_term("sleep 4; event done; exit 0"))
    job.daemon("quick", until_term("event done; exit 0"))
    with test.start(job) as container:
        for daemon in job.daemons:
            container.await_event(f"{daemon.name} waits")
        container.terminate()
        container.await_exit(within=job.grace + 9)
        for name in ("quick", "slow"):
            expect(len(container.events(f"{name} done")) > 0, f"{name} could not finish")
