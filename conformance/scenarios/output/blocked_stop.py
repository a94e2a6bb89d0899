"""While nobody reads the output, a stop ends."""

from conformance.supervisor import Claim

WHY = "A log driver that hangs must not make the container one that only KILL ends."
BITTEN = ("moby/moby#31540", "moby/moby#48890", "Supervisor/supervisor#691")
NEEDS = (Claim.OUTPUT,)


def check(test):
    job = test.job(grace=2)
    job.daemon("noisy", "while :; do echo a line that nobody reads; done")
    with test.start(job) as container:
        container.await_starts()
        container.output.pause()
        container.await_that(container.output.is_blocked, "full pipe")
        container.terminate()
        container.await_exit(within=job.grace + 10)
