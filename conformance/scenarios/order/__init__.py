"""Daemons start when what they need is ready, and hung ones are found."""

import time


def await_probes(container, probes, seconds):
    """Waits for so many readiness probes of web, or this long: some probe once a second, some end it sooner."""
    container.await_event("web-ready probed")
    end = time.monotonic() + seconds
    while time.monotonic() < end and len(container.events("web-ready probed")) < probes:
        time.sleep(0.05)


def await_end_of_leftovers(container, left):
    """Waits until no more than so many of the `sleep 86398` run that probes have started."""

    def running() -> int:
        return sum(process.arguments == ("sleep", "86398") for process in container.processes())

    container.await_that(lambda: running() <= left, f"end of most of the {running()} processes that probes left")
