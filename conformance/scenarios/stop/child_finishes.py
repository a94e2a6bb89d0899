"""A child of a daemon, in the same process group, gets TERM too, and its time to finish."""

from conformance.container import expect
from conformance.job import until_term
from conformance.supervisor import Claim

WHY = "A shell script as entry point does not pass TERM on to the program that it runs."
BITTEN = ("F1bonacc1/process-compose#33",)
NEEDS = (Claim.GROUPS,)


def check(test):
    job = test.job(grace=8)
    child = job.program("child", until_term("event term; sleep 0.5; event done; exit 0"))
    # waits for the child, whatever it gets itself
    job.daemon("web", f"trap : TERM\n{child} &\nwhile kill -0 $! 2>/dev/null; do wait $!; done")
    with test.start(job) as container:
        container.await_event("child waits")
        container.terminate()
        container.await_exit()
        expect(len(container.events("child term")) > 0, "the child got no TERM")
        expect(len(container.events("child done")) > 0, "the child could not finish")
