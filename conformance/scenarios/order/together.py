"""Daemons that depend on nothing start together."""

from conformance.container import expect
from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A start that takes the sum of all is slow, and one slow daemon delays those that have nothing to do with it."
BITTEN = ()
NEEDS = (Claim.SEVERAL,)

DAEMONS, SECONDS = 10, 10


def check(test):
    job = test.job()
    for number in range(DAEMONS):
        ready = job.directory / f"ready-{number}"
        job.daemon(f"d{number}", f"sleep {SECONDS}\nevent initialized\n: >{ready}\n{IDLE}", ready=f"[ -e {ready} ]")
    with test.start(job) as container:
        container.await_starts(within=60)
        early = [event.split()[0] for event in container.events() if event.endswith("initialized")]
        expect(not early, f"the last daemon started {SECONDS} s and more after {', '.join(early)}")
