"""A daemon starts with no blocked signal, although PID 1 was started with some."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Some engines and wrappers start what they start with signals blocked."
BITTEN = ("openjdk/jdk#10379",)
NEEDS = (Claim.SIGNALS,)


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    with test.start(job, setup='set -- env --block-signal=HUP,USR1,USR2,QUIT,WINCH "$@"') as container:
        container.await_starts()
        pid = container.live_pid("web")
        container.await_that(lambda: processes.name(pid) == "sleep", "`sleep`")  # a shell handles signals of its own
        blocked = processes.signal_set(pid, "SigBlk")
        expect(not blocked, f"SigBlk {blocked:x}")
