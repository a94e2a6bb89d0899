"""While nobody reads the output, a stop ends although a daemon wants to write its last words."""

from conformance.supervisor import Claim

WHY = "A log driver that hangs must not make the container one that only KILL ends."
BITTEN = ("moby/moby#31540", "moby/moby#48890")
NEEDS = (Claim.OUTPUT, Claim.GRACE)


def check(test):
    job = test.job(grace=2)
    writing = "while :; do echo a line that nobody reads; done"
    job.daemon("noisy", f"trap '{writing}' TERM\n{writing}")
    with test.start(job) as container:
        container.await_starts()
        container.output.pause()
        container.await_that(container.output.is_blocked, "full pipe")
        container.terminate()
        container.await_exit(within=job.grace + 10)
