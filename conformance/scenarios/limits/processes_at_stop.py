"""When no process can be started any more, a stop still ends the container."""

from conformance import scarcity
from conformance.job import IDLE

WHY = "Who starts a program or a thread to stop the others can't be stopped by whoever uses up the processes."
BITTEN = ("gastownhall/gascity#4308", "coreos/coreos-kubernetes#469")
NEEDS = ()


def check(test):
    scarcity.can_limit_processes()
    job = test.job()
    job.daemon("hog", f"{scarcity.hog(job)} &\n{IDLE}")
    with test.start(job, setup=scarcity.FEW_PROCESSES) as container:
        container.await_event("hog full", within=60)
        container.terminate()
        container.await_exit(within=job.grace + 15)
