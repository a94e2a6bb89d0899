"""A daemon whose processes ignore TERM and replace themselves all the time is stopped within its grace."""

from conformance.container import expect
from conformance.job import IDLE, until_term
from conformance.supervisor import Claim

WHY = "A list of processes is out of date before all are killed; whoever waits for an empty one may never end."
BITTEN = ("davmac314/dinit#435",)
NEEDS = (Claim.SEVERAL, Claim.GRACE)


def check(test):
    job = test.job(grace=2)
    hopper = job.directory / "programs" / "hopper"
    # each process starts its successor and ends
    job.program("hopper", f"trap '' TERM\nsleep 0.02\n{hopper} &")
    job.daemon("forking", f"trap '' TERM\nfor i in 1 2 3 4; do {hopper} & setsid {hopper} & done\nevent forks\n{IDLE}")
    job.daemon("other", until_term("sleep 0.5; event done; exit 0"))
    with test.start(job) as container:
        container.await_event("forking forks")
        container.await_event("other waits")
        container.terminate()
        container.await_exit(within=job.grace + 9)
        expect(len(container.events("other done")) > 0, "the other daemon could not finish")
