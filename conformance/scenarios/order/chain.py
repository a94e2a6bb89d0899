"""Three daemons of which each depends on the next start one after the other, each when the one before is ready."""

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "With two, the right order is easily a matter of luck."
BITTEN = ("Supervisor/supervisor#122",)
NEEDS = (Claim.SEVERAL, Claim.READINESS, Claim.DEPENDENCIES)

CHAIN = ("z-first", "m-second", "a-third")


def check(test):
    job = test.job()
    for before, name in reversed(list(zip((None, *CHAIN), CHAIN, strict=False))):
        ready = job.directory / f"{name}-ready"
        job.daemon(
            name,
            f"sleep 0.5\nevent ready\n: >{ready}\n{IDLE}",
            ready=f"[ -e {ready} ]",
            depends_on=(before,) if before else (),
        )
    with test.start(job) as container:
        container.await_event(f"{CHAIN[-1]} ready", within=30)
        order = [event for event in container.events() if event.split()[1] in ("started", "ready")]
        wanted = [f"{name} {what}" for name in CHAIN for what in ("started", "ready")]
        actual = [" ".join(event.split()[:2]) for event in order]
        expect(actual == wanted, f"the order was {', '.join(actual)}")
