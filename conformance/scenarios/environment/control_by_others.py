"""Another user in the container can't stop a daemon with the supervisor's own command."""

from conformance.container import expect
from conformance.job import IDLE, Policy
from conformance.supervisor import Claim

WHY = "What guards or logs others is stopped first by who breaks in; the command must ask who calls it."
BITTEN = ("Supervisor/supervisor#964", "Supervisor/supervisor#1245")
NEEDS = (Claim.CONTROL,)


def check(test):
    job = test.job(policy=Policy.RESTART)
    job.daemon("web", IDLE)
    with test.start(job) as container:
        container.await_starts()
        pid = container.live_pid("web")
        command = test.supervisor.stop_command(job, "web")

        def stopped_by_root() -> bool:
            # again and again, because the supervisor may not listen yet
            container.execute(*command)
            return container.pid_of("web") != pid

        container.execute(*command, user="nobody")
        expect(container.pid_of("web") == pid, "the user nobody stopped the daemon")
        container.await_that(stopped_by_root, "stop by root, with the same command")
