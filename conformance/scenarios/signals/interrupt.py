"""INT stops the container as TERM does."""

import signal

from conformance.container import expect
from conformance.job import until_term

WHY = "Control-C in `docker run` sends INT to PID 1, and some base images have it as their stop signal."
BITTEN = ()
NEEDS = ()


def check(test):
    job = test.job()
    # a supervisor may stop the daemon by either
    job.daemon("web", "trap 'event int; exit 0' INT\n" + until_term("event term; exit 0"))
    with test.start(job) as container:
        container.await_event("web waits")
        container.send(signal.SIGINT)
        container.await_exit()
        expect(len(container.events("web int") + container.events("web term")) > 0, "the daemon was not asked to stop")
