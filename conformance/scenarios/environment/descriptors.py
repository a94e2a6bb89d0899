"""A daemon has the descriptors 0, 1 and 2 and none of the supervisor's own."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE

WHY = "Through an inherited socket or pipe a daemon can control the supervisor, or keep others from noticing its end."
BITTEN = ("bruceg/daemontools-encore#8",)
NEEDS = ()


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    with test.start(job) as container:
        container.await_starts()
        pid = container.live_pid("web")
        container.await_that(lambda: processes.name(pid) == "sleep", "`sleep`")  # the shell has descriptors of its own
        open_ones = processes.open_files(pid)
        expect(sorted(open_ones) == [0, 1, 2], f"descriptors {open_ones}")
