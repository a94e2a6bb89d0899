"""A stop reaches everything, gives each daemon its time, and ends."""

from conformance.container import expect
from conformance.job import until_term


def check_child_finishes(test, start):
    """A child of a daemon gets TERM, and its time to finish. `start`: the child's program -> the daemon's commands."""
    job = test.job(grace=8)
    child = job.program("child", until_term("event term; sleep 0.5; event done; exit 0"))
    job.daemon("web", start(child))
    with test.start(job) as container:
        container.await_event("child waits")
        container.terminate()
        container.await_exit()
        expect(len(container.events("child term")) > 0, "the child got no TERM")
        expect(len(container.events("child done")) > 0, "the child could not finish")
