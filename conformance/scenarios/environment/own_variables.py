"""A variable for one daemon is in its environment and in no other's."""

from conformance import processes
from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "Secrets come in variables: who breaks into one daemon gets those of all."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.ENVIRONMENT)

SECRET = "conformance"


def check(test):
    job = test.job()
    job.daemon("before", IDLE)
    job.daemon("owner", IDLE, environment={"SECRET": SECRET})
    job.daemon("after", IDLE)
    with test.start(job) as container:
        container.await_starts()
        value = processes.environment(container.live_pid("owner")).get(b"SECRET")
        expect(value == SECRET.encode(), f"the owner has {value!r} instead of {SECRET.encode()!r}")
        for name in ("before", "after"):
            expect(b"SECRET" not in processes.environment(container.live_pid(name)), f"{name} has the variable, too")
