"""A daemon that fails during the stop does not shorten the time of the others."""

from conformance.container import expect
from conformance.job import Policy, until_term
from conformance.supervisor import Claim

WHY = "The policy for a death is for the time before the stop; in a stop, each death is expected."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.TEARDOWN)


def check(test):
    job = test.job(policy=Policy.TEARDOWN, grace=8)
    job.daemon("failing", until_term("exit 7"))
    job.daemon("slow", until_term("sleep 1; event done; exit 0"))
    with test.start(job) as container:
        container.await_event("failing waits")
        container.await_event("slow waits")
        container.terminate()
        container.await_exit()
        expect(len(container.events("slow done")) > 0, "the other daemon could not finish")
