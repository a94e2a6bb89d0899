"""A storm of thousands of harmless signals neither ends the container nor hides a TERM."""

import signal

from conformance.container import expect
from conformance.job import ignoring, until_term

WHY = "A terminal that is resized, or a program that signals in a loop, must not cost the orderly stop."
BITTEN = ()
NEEDS = ()

ROUNDS = 1000


def check(test):
    job = test.job()
    program = job.program("web-program", until_term("event term; exit 0"))
    job.daemon("web", ignoring((signal.SIGUSR1, signal.SIGWINCH), program))
    with test.start(job) as container:
        container.await_event("web-program waits")
        storm(container)
        expect(container.running() and not container.events("web-program term"), "the container ended")
        container.terminate()
        storm(container)
        container.await_exit()
        expect(len(container.events("web-program term")) > 0, "the daemon got no TERM")


def storm(container):
    for _ in range(ROUNDS):
        for number in (signal.SIGUSR1, signal.SIGCHLD, signal.SIGWINCH):
            container.send(number)
