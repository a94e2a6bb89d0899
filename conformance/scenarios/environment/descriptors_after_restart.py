"""A daemon that was started again has the descriptors 0, 1 and 2 and none of the supervisor's own."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "By the time of a restart the supervisor has more open: probes, connections, the output of the others."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.RESTART)


def check(test):
    job = test.job(policy=Policy.RESTART)
    for name in ("web", "other"):
        job.daemon(name, IDLE)
    with test.start(job) as container:
        container.await_starts()
        container.kill("web")
        container.await_event("web started", 2)
        pid = container.live_pid("web")
        container.await_that(lambda: processes.name(pid) == "sleep", "`sleep`")  # the shell has descriptors of its own
        open_ones = processes.open_files(pid)
        expect(sorted(open_ones) == [0, 1, 2], f"descriptors {open_ones}")
