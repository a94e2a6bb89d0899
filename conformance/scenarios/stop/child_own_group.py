"""A child of a daemon in a process group of its own gets TERM, and its time to finish."""

from conformance.container import expect
from conformance.job import IDLE, until_term
from conformance.supervisor import Claim

WHY = "Shells with job control give each command a group of its own; a TERM to the daemon's group misses it."
BITTEN = ("canonical/pebble#594", "davmac314/dinit#435")
NEEDS = (Claim.DESCENDANTS,)


def check(test):
    job = test.job(grace=8)
    child = job.program("child", until_term("event term; sleep 0.5; event done; exit 0"))
    start = "python3 -c 'import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])'"
    job.daemon("web", f"{start} {child} &\n{IDLE}")
    with test.start(job) as container:
        container.await_event("child waits")
        container.terminate()
        container.await_exit()
        expect(len(container.events("child term")) > 0, "the child got no TERM")
        expect(len(container.events("child done")) > 0, "the child could not finish")
