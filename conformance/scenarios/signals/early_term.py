"""A TERM that comes in the first moments of PID 1 ends the container, in an orderly way."""

import signal
import time

from conformance import processes
from conformance.container import expect
from conformance.job import until_term

WHY = "The kernel drops a signal that PID 1 does not handle yet; the engine then waits its whole grace, and kills."
BITTEN = ("daily-co/pipecat-cloud-images#104", "canonical/pebble#502", "just-containers/s6-overlay#566")
NEEDS = ()
ALONE = True

# milliseconds after the execution, without those in which PID 1 had no processor; sooner, no program can handle signals
MOMENTS = (25, 40, 60, 80, 100, 150, 200, 300, 400, 600)


def check(test):
    for moment in MOMENTS:
        job = test.job()
        job.daemon("web", until_term("event term; exit 0"))
        with test.start(job) as container:
            container.await_program()
            end = time.monotonic() + moment / 1000 - processes.delayed_seconds(container.pid)
            while time.monotonic() < end + processes.delayed_seconds(container.pid):
                time.sleep(0.001)
            waited = bool(container.events("web waits"))
            container.send(signal.SIGTERM)
            container.await_that(lambda c=container: not c.running(), f"end after a TERM at {moment} ms")
            obeyed = bool(container.events("web term"))
            expect(obeyed or not waited, f"the daemon got no TERM when it came at {moment} ms")
