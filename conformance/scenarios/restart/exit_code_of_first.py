"""The container exits with the code of the daemon that died, not with one of those that were stopped for it."""

from conformance.container import expect
from conformance.job import Policy
from conformance.supervisor import Claim

WHY = "The cause is the first death; the codes of the others only tell how they take a TERM."
BITTEN = ("just-containers/s6-overlay#183",)
NEEDS = (Claim.SEVERAL, Claim.TEARDOWN, Claim.EXIT_CODE)

CODE = 7


def check(test):
    job = test.job(policy=Policy.TEARDOWN, grace=10)
    gate = job.directory / "gate"
    job.daemon("dies", f"mkfifo {gate}\nread line <{gate}\nexit {CODE}")
    for name, code in (("first", 0), ("second", 99)):
        job.daemon(name, f"trap 'event term; exit {code}' TERM\nevent ready\nsleep 86399 &\nwait")
    with test.start(job) as container:
        container.await_starts()
        for name in ("first", "second"):
            container.await_event(f"{name} ready")
        container.await_that(gate.is_fifo, "FIFO")
        gate.write_text("\n")
        code = container.await_exit(within=25)
        expect(code == CODE, f"exit code {code} instead of {CODE}")
