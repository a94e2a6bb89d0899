"""A daemon that ends during the stop is not started again, however long the others take."""

from conformance.container import expect
from conformance.job import Policy, until_term
from conformance.supervisor import Claim

WHY = "A daemon that comes back during the stop takes work that it can't finish, or holds the stop up."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.RESTART)


def check(test):
    job = test.job(policy=Policy.RESTART, grace=10)
    job.daemon("quick", until_term("exit 1"))
    job.daemon("slow", until_term("sleep 3; event done; exit 0"))
    with test.start(job) as container:
        container.await_event("quick waits")
        container.await_event("slow waits")
        container.terminate()
        container.await_exit()
        expect(len(container.events("quick started")) == 1, "the daemon was started again during the stop")
        expect(len(container.events("slow done")) > 0, "the other daemon could not finish")
