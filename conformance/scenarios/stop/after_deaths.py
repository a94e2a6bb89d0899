"""A stop ends although a daemon has died before."""

from conformance.container import expect
from conformance.job import until_term
from conformance.supervisor import Claim

WHY = "Whoever waits for the end of a process that is no more waits without end."
BITTEN = ()
NEEDS = (Claim.SEVERAL,)


def check(test):
    job = test.job()
    job.daemon("dead", "exit 1")
    job.daemon("web", until_term("event done; exit 0"))
    with test.start(job) as container:
        container.await_starts()
        container.await_event("web waits")
        container.await_that(lambda: not container.is_alive("dead"), "death of the daemon")
        container.terminate()
        container.await_exit()
        expect(len(container.events("web done")) > 0, "the other daemon could not finish")
