"""Daemons start and have a stdin although PID 1 was started without one."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE

WHY = "With descriptor 0 free, the next file that a daemon opens becomes its stdin."
BITTEN = ("Supervisor/supervisor#849",)
NEEDS = ()


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    with test.start(job, setup="exec <&-") as container:
        container.await_starts()
        pid = container.live_pid("web")
        container.await_that(lambda: processes.name(pid) == "sleep", "`sleep`")  # the shell has descriptors of its own
        open_ones = processes.open_files(pid)
        expect(sorted(open_ones) == [0, 1, 2], f"descriptors {open_ones}")
