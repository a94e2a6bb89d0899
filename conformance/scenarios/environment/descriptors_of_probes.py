"""A probe has the descriptors 0, 1 and 2 and none of the supervisor's own."""

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A probe runs for as long as the container; what leaks to it is open again and again."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.READINESS)


def check(test):
    job = test.job()
    # the substitution has the probe's descriptors; `ls` opens one more, the directory, with the lowest free number
    job.daemon("web", IDLE, ready="event descriptors $(ls /proc/self/fd)")
    job.daemon("other", IDLE)
    with test.start(job) as container:
        container.await_starts()
        numbers = container.await_event("web-ready descriptors ").split()[2:]
        expect(sorted(numbers) == ["0", "1", "2", "3"], f"descriptors {' '.join(numbers)}, one of them of `ls`")
