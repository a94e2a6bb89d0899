"""A dead daemon is started again although a process in a session of its own keeps its output open."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "Who waits for the end of the output, as some languages' libraries do, never notices the death."
BITTEN = ("canonical/pebble#149", "golang/go#23019")
NEEDS = (Claim.RESTART,)


def check(test):
    job = test.job(policy=Policy.RESTART)
    held = job.directory / "held"
    job.daemon("web", f"[ -e {held} ] || {{ : >{held}; setsid sleep 86399 & }}\nevent ready\n{IDLE}")
    with test.start(job) as container:
        container.await_event("web ready")
        container.await_that(lambda: any(p.arguments[:1] == ("sleep",) for p in container.processes()), "`sleep`")
        container.kill("web")
        container.await_event("web ready", 2)
