"""A daemon that was started again has its own variables."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A second start that differs from the first is found when nobody looks."
BITTEN = ()
NEEDS = (Claim.RESTART, Claim.ENVIRONMENT)


def check(test):
    job = test.job(policy=Policy.RESTART)
    job.daemon("web", IDLE, environment={"OWN": "value"})
    with test.start(job) as container:
        container.await_starts()
        before = processes.environment(container.live_pid("web"))
        container.kill("web")
        container.await_starts(2)
        after = processes.environment(container.live_pid("web"))
        expect(before.get(b"OWN") == b"value", f"before: {before.get(b'OWN')!r}")
        expect(after.get(b"OWN") == b"value", f"after the restart: {after.get(b'OWN')!r}")
