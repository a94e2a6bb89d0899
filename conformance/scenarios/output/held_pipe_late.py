"""What a process of a dead daemon writes later comes out."""

from conformance.job import IDLE
from conformance.supervisor import Claim

WHY = "A worker that outlives its daemon tells what the daemon can't tell any more."
BITTEN = ()
NEEDS = (Claim.SEVERAL, Claim.OUTPUT)


def check(test):
    job = test.job()
    gate = job.directory / "gate"
    worker = job.program(
        "worker", f"event started $$\nuntil [ -e {gate} ]; do sleep 0.05; done\necho late words\nevent wrote"
    )
    job.daemon("web", f"setsid {worker} &\nuntil grep -q 'worker started' {job.events}; do sleep 0.05; done\nexit 3")
    job.daemon("other", IDLE)
    with test.start(job) as container:
        container.await_starts()
        container.await_event("worker started")
        container.await_that(lambda: not container.is_alive("web"), "end of web")
        gate.touch()
        # a supervisor may end the worker with its daemon; then there is nothing that could be lost
        container.await_that(
            lambda: bool(container.events("worker wrote")) or not container.is_alive("worker"), "late words"
        )
        if container.events("worker wrote"):
            container.await_line("late words")
