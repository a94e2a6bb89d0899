"""A TERM ends the container although PID 1 has inherited it as ignored."""

from conformance.container import expect
from conformance.job import ignoring, until_term

WHY = "Shells and process managers start programs with signals ignored, which no program notices by itself."
BITTEN = ()
NEEDS = ()


def check(test):
    job = test.job()
    # what the daemon inherits is another matter: it sets its own signals right
    program = job.program("program", until_term("event term; exit 0"))
    job.daemon("web", ignoring((), program))
    with test.start(job, setup="trap '' TERM") as container:
        container.await_event("program waits")
        container.terminate()
        container.await_exit()
        expect(len(container.events("program term")) > 0, "the daemon got no TERM")
