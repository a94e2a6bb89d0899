"""Daemons that each need a second to finish all finish, at the same time."""

from conformance.container import expect
from conformance.job import until_term
from conformance.supervisor import Claim

WHY = "The engine's limit is for the whole stop; when daemons stop one by one, it kills the last at work."
BITTEN = ()
NEEDS = (Claim.SEVERAL,)

DAEMONS = 8


def check(test):
    job = test.job(grace=10)
    for number in range(DAEMONS):
        job.daemon(f"web{number}", until_term("event term $(date +%s.%N); sleep 1; event done $(date +%s.%N); exit 0"))
    with test.start(job) as container:
        for daemon in job.daemons:
            container.await_event(f"{daemon.name} waits")
        container.terminate()
        container.await_exit()
        finished = [daemon for daemon in job.daemons if container.events(f"{daemon.name} done")]
        expect(len(finished) == DAEMONS, f"{len(finished)} of {DAEMONS} daemons finished")
        # what a supervisor does before and after is another matter
        times = [float(event.split()[-1]) for event in container.events() if event.split()[1] in ("term", "done")]
        seconds = max(times) - min(times)
        expect(seconds < DAEMONS - 2, f"{seconds:.1f} s from the first TERM to the last end")
