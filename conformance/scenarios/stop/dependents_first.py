"""A daemon gets TERM only when those that depend on it have ended."""

from conformance.container import expect
from conformance.job import until_term
from conformance.supervisor import Claim

WHY = "A program that finishes its work needs its proxy or its database until it has ended."
BITTEN = ("kubernetes/enhancements#753",)
NEEDS = (Claim.SEVERAL, Claim.DEPENDENCIES, Claim.ORDERED_STOP)


def check(test):
    job = test.job(grace=8)
    job.daemon("database", until_term("event term; exit 0"))
    job.daemon("web", until_term("sleep 1; event done; exit 0"), depends_on=("database",))
    job.daemon("client", until_term("sleep 1; event done; exit 0"), depends_on=("web",))
    with test.start(job) as container:
        for daemon in job.daemons:
            container.await_event(f"{daemon.name} waits")
        container.terminate()
        container.await_exit()
        ends = [event for event in container.events() if event.endswith((" done", " term"))]
        expect(ends == ["client done", "web done", "database term"], f"the order was {', '.join(ends) or 'none'}")
