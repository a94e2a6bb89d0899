"""A TERM ends the container although PID 1 has inherited it as blocked."""

from conformance.container import expect
from conformance.job import ignoring, until_term

WHY = "A program that blocks signals for a moment and starts another one hands the mask on."
BITTEN = ("streamnative/pulsar-manager#218", "openjdk/jdk#10379")
NEEDS = ()


def check(test):
    job = test.job()
    # what the daemon inherits is another matter: it sets its own signals right
    program = job.program("program", until_term("event term; exit 0"))
    job.daemon("web", ignoring((), program))
    with test.start(job, setup='set -- env --block-signal=TERM "$@"') as container:
        container.await_event("program waits")
        container.terminate()
        container.await_exit()
        expect(len(container.events("program term")) > 0, "the daemon got no TERM")
