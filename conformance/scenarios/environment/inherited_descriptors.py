"""A descriptor that PID 1 inherits does not reach the daemons."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "An engine's descriptor that leaked was a way out of the container (CVE-2024-21626)."
BITTEN = ("coreos/fedora-coreos-tracker#1664", "jdx/pitchfork#886")
NEEDS = (Claim.CLOSES,)


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    with test.start(job, setup="exec 7</etc/passwd 9</") as container:
        container.await_starts()
        pid = container.live_pid("web")
        container.await_that(lambda: processes.name(pid) == "sleep", "`sleep`")  # the shell has descriptors of its own
        open_ones = processes.open_files(pid)
        expect(sorted(open_ones) == [0, 1, 2], f"descriptors {open_ones}")
