"""A daemon has the umask that PID 1 was started with."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE

WHY = "Who starts the container with 027 wants no file of a daemon to be readable by all."
BITTEN = ("Supervisor/supervisor#366",)
NEEDS = ()


def check(test):
    job = test.job()
    job.daemon("web", IDLE)
    with test.start(job, setup="umask 0027") as container:
        container.await_starts()
        umask = processes.status(container.live_pid("web"), "Umask")
        expect(umask == "0027", f"umask {umask}")
