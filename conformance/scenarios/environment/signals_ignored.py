"""A daemon starts with no ignored signal, although PID 1 was started with some."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "What `nohup` or a shell's `&` ignores stays ignored in every program below, which then can't be interrupted."
BITTEN = ("openjdk/jdk#26615",)
NEEDS = (Claim.SIGNALS,)


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    with test.start(job, setup="trap '' HUP INT QUIT USR1 PIPE") as container:
        container.await_starts()
        pid = container.live_pid("web")
        container.await_that(lambda: processes.name(pid) == "sleep", "`sleep`")  # a shell handles signals of its own
        ignored = processes.signal_set(pid, "SigIgn")
        expect(not ignored, f"SigIgn {ignored:x}")
