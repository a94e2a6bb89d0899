"""When all daemons have ended and the last one failed, the container exits with its code."""

from conformance.container import expect
from conformance.supervisor import Claim

WHY = "Exit code 0 tells the engine that the work is done."
BITTEN = ("just-containers/s6-overlay#320", "Supervisor/supervisor#1685")
NEEDS = (Claim.SEVERAL, Claim.ALL_DONE, Claim.EXIT_CODE)

CODE = 4


def check(test):
    job = test.job()
    gate = job.directory / "gate"
    job.daemon("ends", "exit 0")
    job.daemon("fails", f"mkfifo {gate}\nread line <{gate}\nexit {CODE}")
    with test.start(job) as container:
        container.await_starts()
        container.await_that(lambda: not container.is_alive("ends"), "end of the first daemon")
        container.await_that(gate.is_fifo, "FIFO")
        gate.write_text("\n")
        code = container.await_exit(within=20)
        expect(code == CODE, f"exit code {code} instead of {CODE}")
