"""Another user in the container can't stop a daemon with the supervisor's own command."""

import time

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "What guards or logs others is stopped first by who breaks in; the command must ask who calls it."
BITTEN = ("Supervisor/supervisor#964", "Supervisor/supervisor#1245")
NEEDS = (Claim.SEVERAL, Claim.CONTROL)


def check(test):
    job = test.job(policy=Policy.RESTART)
    for name in ("web", "other"):
        job.daemon(name, IDLE)
    with test.start(job) as container:
        container.await_starts()
        web, other = container.live_pid("web"), container.live_pid("other")

        def stopped_by_root() -> bool:
            # again and again, because the supervisor may not listen yet
            container.execute(*test.supervisor.stop_command(job, "other"))
            return container.pid_of("other") != other

        container.await_that(stopped_by_root, "stop by root")
        container.execute(*test.supervisor.stop_command(job, "web"), user="nobody")
        time.sleep(1)
        expect(container.pid_of("web") == web, "the user nobody stopped the daemon")
