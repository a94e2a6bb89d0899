"""No signal is lost, and none does harm."""

import time

from conformance.container import expect
from conformance.job import ignoring, until_term


def check_harmless(test, numbers):
    """PID 1 gets these signals; the container, whose daemon ignores them, runs on and obeys a later TERM."""
    job = test.job()
    program = job.program("program", until_term("event term; exit 0"))
    job.daemon("web", ignoring(numbers, program))
    with test.start(job) as container:
        container.await_event("program waits")
        for number in numbers:
            container.send(number)
        time.sleep(1)
        expect(container.running() and not container.events("program term"), "the container ended")
        expect(len(container.events("web started")) == 1, "the daemon was started again")
        container.terminate()
        container.await_exit()
        expect(len(container.events("program term")) > 0, "the daemon got no TERM at the end")


def check_obeys(test, setup):
    """A TERM ends the container, and its daemon gets one, when this ran before PID 1."""
    job = test.job()
    # what the daemon inherits is another matter: it sets its own signals right
    program = job.program("program", until_term("event term; exit 0"))
    job.daemon("web", ignoring((), program))
    with test.start(job, setup=setup) as container:
        container.await_event("program waits")
        container.terminate()
        container.await_exit()
        expect(len(container.events("program term")) > 0, "the daemon got no TERM")
