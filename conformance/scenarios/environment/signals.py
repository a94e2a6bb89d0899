"""A daemon starts with no blocked and no ignored signal."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE

WHY = (
    "Both pass from program to program; a daemon that inherits them misses its TERM, or never learns of a broken pipe."
)
BITTEN = ("openjdk/jdk#10379", "openjdk/jdk#26615")
NEEDS = ()


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    with test.start(job) as container:
        container.await_starts()
        pid = container.live_pid("web")
        container.await_that(lambda: processes.name(pid) == "sleep", "`sleep`")  # a shell handles signals of its own
        for key in ("SigBlk", "SigIgn"):
            signals = processes.signal_set(pid, key)
            expect(not signals, f"{key} {signals:x}")
