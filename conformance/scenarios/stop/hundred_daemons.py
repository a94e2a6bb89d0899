"""100 daemons all get TERM, and the container ends."""

from conformance.container import expect
from conformance.job import until_term
from conformance.supervisor import Claim

WHY = "What works for four daemons may be serial, or have a fixed limit."
BITTEN = ()
NEEDS = (Claim.SEVERAL,)

DAEMONS = 100


def check(test):
    job = test.job(grace=20)
    for number in range(DAEMONS):
        job.daemon(f"web{number:02}", until_term("event term; exit 0"))
    with test.start(job) as container:
        for daemon in job.daemons:
            container.await_event(f"{daemon.name} waits", within=60)
        container.terminate()
        container.await_exit(within=30)
        obeyed = [daemon for daemon in job.daemons if container.events(f"{daemon.name} term")]
        expect(len(obeyed) == DAEMONS, f"{len(obeyed)} of {DAEMONS} daemons obeyed TERM")
