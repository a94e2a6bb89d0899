"""A daemon gets a clean process: descriptors, signals, user, variables."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE


def check_no_signals(test, *keys, setup=""):
    """A daemon has no signal in these sets of /proc/PID/status, when this ran before PID 1."""
    job = test.job()
    job.daemon("web", IDLE)
    with test.start(job, setup=setup) as container:
        container.await_starts()
        pid = container.live_pid("web")
        container.await_that(lambda: processes.name(pid) == "sleep", "`sleep`")  # a shell handles signals of its own
        for key in keys:
            signals = processes.signal_set(pid, key)
            expect(not signals, f"{key} {signals:x}")
