"""A child of a daemon, in the same process group, has its time to finish, although the daemon itself ends at once."""

from conformance.container import expect
from conformance.job import IDLE, until_term
from conformance.supervisor import Claim

WHY = "The workers of a server finish their requests after its main process has ended."
BITTEN = ("Yelp/dumb-init#212",)
NEEDS = (Claim.GROUPS, Claim.GRACE)


def check(test):
    job = test.job(grace=8)
    child = job.program("child", until_term("event term; sleep 0.5; event done; exit 0"))
    job.daemon("web", f"{child} &\n{IDLE}")
    with test.start(job) as container:
        container.await_event("child waits")
        container.terminate()
        container.await_exit()
        expect(len(container.events("child term")) > 0, "the child got no TERM")
        expect(len(container.events("child done")) > 0, "the child could not finish")
