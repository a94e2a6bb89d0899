"""A member of a daemon's process group gets TERM, then KILL if it stays, although the daemon itself obeys."""

from conformance.container import expect
from conformance.job import IDLE, until_term
from conformance.supervisor import Claim

WHY = "Whoever looks only at the daemon itself leaves its helpers alone, or waits for them without end."
BITTEN = ("F1bonacc1/process-compose#520",)
NEEDS = (Claim.GRACE, Claim.GROUPS)


def check(test):
    job = test.job(grace=1)
    member = job.program("member", until_term("event term"))
    job.daemon("leader", f"{member} &\n{IDLE}")
    with test.start(job) as container:
        container.await_event("leader started")
        container.await_event("member waits")
        container.terminate()
        container.await_exit(within=job.grace + 9)
        expect(len(container.events("member term")) > 0, "the member got no TERM")
