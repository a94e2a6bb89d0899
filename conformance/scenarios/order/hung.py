"""A daemon that hangs is started again."""

from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A deadlock does not end the process; only a question that gets no answer tells."
BITTEN = ("gastownhall/gascity#4308",)
NEEDS = (Claim.RESTART, Claim.LIVENESS)


def check(test):
    job = test.job(policy=Policy.RESTART)
    hung = job.directory / "hung"
    job.daemon("web", f"rm -f {hung}\n{IDLE}", alive=f"event probed\n[ ! -e {hung} ]")
    with test.start(job) as container:
        container.await_starts()
        container.await_event("web-alive probed", 2)
        hung.touch()
        container.await_starts(2, within=30)
        probes = len(container.events("web-alive probed"))
        container.await_event("web-alive probed", probes + 2)
        container.await_that(lambda: container.is_alive("web"), "second start that stays")
