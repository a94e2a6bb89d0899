"""A daemon whose dependency dies before it is ready starts when the dependency's next start is ready."""

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "A first start often fails; those that depend on it must neither start without it nor be forgotten."
BITTEN = ("canonical/pebble#240",)
NEEDS = (Claim.SEVERAL, Claim.RESTART, Claim.READINESS, Claim.DEPENDENCIES)


def check(test):
    job = test.job(policy=Policy.RESTART)
    tried, ready = job.directory / "tried", job.directory / "ready"
    job.daemon("client", IDLE, depends_on=("server",))
    job.daemon(
        "server",
        f"[ -e {tried} ] || {{ : >{tried}; exit 1; }}\nevent ready\n: >{ready}\n{IDLE}",
        ready=f"[ -e {ready} ]",
    )
    with test.start(job) as container:
        container.await_event("client started")
        expect(bool(container.events("server ready")), "the client was started before the server was ready")
